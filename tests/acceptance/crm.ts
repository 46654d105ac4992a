import { NOT_DONE } from '../../services/gateway/src/editions/crm/not-done.ts';
import { call, must, until } from '../support/api.ts';
import type { DocumentedEndpoint } from '../support/documents.ts';
import { fileForm, PNG } from '../support/form.ts';
import { signedTextWebhook } from '../support/meta-webhook.ts';
import { totp } from '../support/totp.ts';
import { eitherWay, needs, open, ownOr, self, signed } from './access.ts';
import type { Fixture } from './fixture.ts';
import type { Call, EditionTable } from './flow.ts';
import { approveTemplate } from './templates.ts';

const asAdmin = ({ tenant }: Fixture): Call => ({ token: tenant.crm });
const asPerson = ({ kept }: Fixture): Call => ({ token: kept.personToken! });
const first = ({ requests }: DocumentedEndpoint) => requests[0]!.body as Record<string, unknown>;
const PASSWORD = 'Correct-horse-7';
const NEW_PASSWORD = 'Correct-horse-8';
const USER = { id: 1, email: 'a@b.c', first_name: 'x', last_name: 'x', role: { id: 3, name: 'x', display_name: 'x' } };
const TIME = '2026-01-01T00:00:00Z';
const FILE = {
  id: 456,
  filename: 'f8a3b2c1-imagen.jpg',
  original_filename: 'imagen.jpg',
  mime_type: 'image/jpeg',
  size_bytes: 245678,
  file_path: 'https://cdn.tudominio.com/files/f8a3b2c1-imagen.jpg',
  thumbnail_path: 'https://cdn.tudominio.com/files/thumbs/f8a3b2c1-imagen.jpg',
  width: 1920,
  height: 1080,
  created_at: TIME,
};
/** The second row has no phone. */
const CLIENTS = Buffer.from('Teléfono;Nombre;Cargo\n+573001234599;Carlos;Gerente\n;Ana;\n');
const TASK = {
  id: 10,
  title: 'Llamar para renovación',
  description: 'x',
  status: 'pending',
  priority: 'high',
  client_id: 45,
  chat_id: 123,
  assigned_to_user_id: 1,
  due_date: TIME,
  reminder_date: TIME,
  created_at: TIME,
};
const META = { current_page: 1, per_page: 20, total: 1, total_pages: 1 };
const CLIENT = {
  id: 1,
  phone_number: '+573009999999',
  first_name: 'Ana',
  last_name: 'Martínez',
  email: 'ana@email.com',
  company: 'Tech Solutions',
  city: 'Medellín',
  country: 'Colombia',
  lead_status: 'new',
  lead_score: 0,
  segment: 'regular',
  tags: ['prospecto'],
  custom_fields: { industria: 'Tecnología' },
  created_at: TIME,
};
const NUMBER_STATE = {
  id: 1,
  status: 'active',
  connection_status: 'connected',
  last_error: null,
  health: { is_healthy: true, response_time_ms: 1, last_check_at: '2026-01-01T00:00:00Z' },
};

const CAMPAIGN = {
  id: 1,
  name: 'Campaña Soporte',
  code: 'SOPORTE_2025',
  status: 'active',
  priority: 5,
  business_hours: { monday: { start: '08:00', end: '18:00' } },
  timezone: 'America/Bogota',
  sla_first_response_seconds: 60,
  sla_resolution_seconds: 3600,
  bot_enabled: true,
  routing_strategy: 'least_busy',
  welcome_message: 'x',
  offline_message: 'x',
  created_at: TIME,
};
/** As documented, but for the flow: none exists yet. */
const newCampaign = (documented: DocumentedEndpoint) => ({ body: { ...first(documented), bot_flow_id: null } });

/** The sandbox refuses what goes to this number: the customer is not on WhatsApp. */
const UNREACHABLE = '573150131026';

/** A message that the provider refused. */
async function failedMessage({ gateway, tenant }: Fixture): Promise<string> {
  const { crm: token, number, channelId } = tenant;
  const { body: raw, signature } = signedTextWebhook(number, { from: UNREACHABLE, name: 'Nadie', text: 'Hola' });
  const headers = { 'content-type': 'application/json', 'x-hub-signature-256': signature };
  await call(gateway, 'POST', `/v1/webhooks/whatsapp/meta/${channelId}`, { raw, headers });
  const chat = await until('the chat', async () => {
    const list = call<{ data: { id: string }[] }>(gateway, 'GET', `/v1/chats?search=${UNREACHABLE}`, { token });
    return (await must(list, 200)).data[0];
  });
  const body = { chat_id: chat.id, message_type: 'text', content: 'Hola' };
  const { id } = await must(call<{ id: string }>(gateway, 'POST', '/v1/messages', { token, body }), 201);
  await until('the message to fail', async () => {
    const found = call<{ status: string }>(gateway, 'GET', `/v1/messages/${id}`, { token });
    return (await must(found, 200)).status === 'failed' ? true : null;
  });
  return id;
}

/** A picture of the tenant's own. */
async function upload({ gateway, tenant }: Fixture): Promise<string> {
  const { headers, raw } = fileForm({ name: 'imagen.png', type: 'image/png', content: PNG });
  const sent = call<{ id: string }>(gateway, 'POST', '/v1/files', { token: tenant.crm, headers, raw });
  return (await must(sent, 201)).id;
}

/** Every route of crm: its access, and how its documented example is tried. */
export const CRM: EditionTable = {
  'GET /users': {
    access: needs('users.read'),
    calls: (fixture, { query }) => [{ ...asAdmin(fixture), query: { ...query, role: 'admin', search: '' } }],
  },
  'POST /users': {
    access: needs('users.create'),
    calls: (fixture, documented) => {
      const email = fixture.newEmail();
      fixture.kept.personEmail = email;
      return [{ ...asAdmin(fixture), body: { ...first(documented), email, password: PASSWORD, role_id: 'agent' } }];
    },
    keep: (fixture, [user]) => {
      fixture.kept.person = String(user!.id);
    },
  },
  'POST /auth/login': {
    access: open,
    calls: ({ kept }) => [{ body: { email: kept.personEmail, password: PASSWORD } }],
    keep: (fixture, [answer]) => {
      fixture.kept.refreshToken = String(answer!.refresh_token);
    },
  },
  'POST /auth/refresh': {
    access: open,
    calls: ({ kept }) => [{ body: { refresh_token: kept.refreshToken } }],
    keep: (fixture, [answer]) => {
      fixture.kept.personToken = String(answer!.access_token);
    },
  },
  'GET /users/me': { access: self, calls: (fixture) => [{ ...asPerson(fixture), status: 200, answer: USER }] },
  'PUT /users/me': {
    access: self,
    calls: (fixture, documented) => [{ ...asPerson(fixture), status: 200, body: first(documented), answer: USER }],
  },
  'POST /auth/2fa/enable': {
    access: self,
    calls: (fixture) => [asPerson(fixture)],
    keep: (fixture, [answer]) => {
      fixture.kept.secret = String(answer!.secret);
    },
  },
  'POST /auth/2fa/verify': {
    access: eitherWay,
    calls: (fixture) => [
      { ...asPerson(fixture), status: 200, body: { code: totp(fixture.kept.secret!) }, answer: { message: 'x' } },
    ],
  },
  // A session of its own: later steps still need the others.
  'POST /auth/logout': {
    access: self,
    calls: async ({ gateway, tenant: { email, password } }) => {
      const login = call<{ access_token: string }>(gateway, 'POST', '/v1/auth/login', { body: { email, password } });
      return [{ token: (await must(login, 200)).access_token }];
    },
  },
  'PUT /auth/change-password': {
    access: self,
    calls: (fixture) => [{ ...asPerson(fixture), body: { current_password: PASSWORD, new_password: NEW_PASSWORD } }],
  },
  'POST /campaigns': {
    access: needs('campaigns.create'),
    calls: (fixture, documented) => [
      { ...asAdmin(fixture), ...newCampaign(documented), status: 201, answer: CAMPAIGN },
    ],
    keep: (fixture, [campaign]) => {
      fixture.kept.campaign = String(campaign!.id);
    },
  },
  'PUT /campaigns/:id': {
    access: needs('campaigns.update'),
    calls: (fixture) => [
      {
        ...asAdmin(fixture),
        ids: [fixture.kept.campaign!],
        body: { name: 'Campaña Ventas', bot_enabled: false },
        status: 200,
        answer: { ...CAMPAIGN, bot_enabled: false },
      },
    ],
  },
  'POST /campaigns/:id/numbers': {
    access: needs('campaigns.update'),
    calls: (fixture) => [
      {
        ...asAdmin(fixture),
        ids: [fixture.kept.campaign!],
        body: { whatsapp_number_ids: [fixture.tenant.channelId], primary_number_id: fixture.tenant.channelId },
        status: 200,
        answer: { ...CAMPAIGN, whatsapp_numbers: [{ id: 1, phone_number: 'x', display_name: 'x' }] },
      },
    ],
  },
  'POST /campaigns/:id/agents': {
    access: needs('campaigns.update'),
    calls: (fixture, documented) => {
      const [agent] = first(documented).agents as Record<string, unknown>[];
      const agents = [{ ...agent, user_id: fixture.kept.person! }];
      return [
        {
          ...asAdmin(fixture),
          ids: [fixture.kept.campaign!],
          body: { agents },
          status: 200,
          answer: { ...CAMPAIGN, agents: [agent] },
        },
      ];
    },
    // Its chats show the campaign.
    keep: async ({ gateway, conversation, tenant, kept }) => {
      const body = { target_type: 'campaign', target_id: kept.campaign };
      await must(call(gateway, 'POST', `/v1/chats/${conversation}/transfer`, { token: tenant.crm, body }), 200);
    },
  },
  'GET /campaigns': {
    access: needs('campaigns.read'),
    calls: (fixture, { query }) => [{ ...asAdmin(fixture), query }],
  },
  'GET /campaigns/:id': {
    access: needs('campaigns.read'),
    calls: (fixture) => [{ ...asAdmin(fixture), ids: [fixture.kept.campaign!], status: 200, answer: CAMPAIGN }],
  },
  'DELETE /campaigns/:id': {
    access: needs('campaigns.delete'),
    calls: async (fixture) => {
      const body = { name: 'Otra', code: 'OTRA' };
      const made = call<{ id: string }>(fixture.gateway, 'POST', '/v1/campaigns', { ...asAdmin(fixture), body });
      return [{ ...asAdmin(fixture), ids: [(await must(made, 201)).id], status: 204 }];
    },
  },
  'GET /users/:id': {
    access: needs('users.read'),
    calls: (fixture) => [{ ...asAdmin(fixture), ids: [fixture.kept.person!] }],
  },
  'PUT /users/:id': {
    access: needs('users.update'),
    calls: (fixture, documented) => [
      { ...asAdmin(fixture), ids: [fixture.kept.person!], status: 200, body: first(documented), answer: USER },
    ],
  },
  'POST /users/:id/agent-status': {
    access: ownOr('users.update'),
    calls: (fixture, documented) => [{ ...asAdmin(fixture), ids: [fixture.kept.person!], body: first(documented) }],
  },
  'DELETE /users/:id': {
    access: needs('users.delete'),
    calls: (fixture) => [{ ...asAdmin(fixture), ids: [fixture.kept.person!], status: 204 }],
  },
  'GET /whatsapp-numbers': {
    access: needs('whatsapp.numbers.read'),
    calls: (fixture) => [asAdmin(fixture)],
  },
  'POST /whatsapp-numbers': {
    access: needs('whatsapp.numbers.manage'),
    calls: (fixture, documented) => [{ ...asAdmin(fixture), body: first(documented) }],
    keep: async (fixture, [number]) => {
      fixture.kept.number = String(number!.id);
      const body = { provider: 'wppconnect', display_name: 'Soporte WPP', daily_message_limit: 500 };
      const made = call<{ id: string }>(fixture.gateway, 'POST', '/v1/whatsapp-numbers', { ...asAdmin(fixture), body });
      fixture.kept.session = (await must(made, 201)).id;
    },
  },
  'GET /whatsapp-numbers/:id/qr': {
    access: needs('whatsapp.numbers.manage'),
    calls: (fixture) => [
      { ...asAdmin(fixture), ids: [fixture.kept.session!], text: /"qr_code":"data:image\/png;base64,/ },
    ],
  },
  'GET /whatsapp-numbers/:id/status': {
    access: needs('whatsapp.numbers.read'),
    calls: (fixture) => [{ ...asAdmin(fixture), ids: [fixture.tenant.channelId] }],
  },
  'PUT /whatsapp-numbers/:id': {
    access: needs('whatsapp.numbers.manage'),
    calls: (fixture) => [
      {
        ...asAdmin(fixture),
        ids: [fixture.tenant.channelId],
        status: 200,
        body: { display_name: 'Ventas Principal', daily_message_limit: 1000 },
        answer: { id: 1, display_name: 'x', daily_message_limit: 1000, connection_status: 'connected' },
      },
    ],
  },
  'POST /whatsapp-numbers/:id/disconnect': {
    access: needs('whatsapp.numbers.manage'),
    calls: (fixture) => [
      { ...asAdmin(fixture), ids: [fixture.tenant.channelId], status: 200, answer: NUMBER_STATE, text: /"inactive"/ },
    ],
  },
  'POST /whatsapp-numbers/:id/reconnect': {
    access: needs('whatsapp.numbers.manage'),
    calls: (fixture) => [
      { ...asAdmin(fixture), ids: [fixture.tenant.channelId], status: 200, answer: NUMBER_STATE, text: /"connected"/ },
    ],
  },
  'DELETE /whatsapp-numbers/:id': {
    access: needs('whatsapp.numbers.manage'),
    calls: (fixture) => [{ ...asAdmin(fixture), ids: [fixture.kept.number!], status: 204 }],
  },
  'GET /chats': {
    access: needs('chats.read'),
    calls: (fixture) => [
      { ...asAdmin(fixture), query: { page: '1', limit: '20', campaign_id: fixture.kept.campaign! } },
    ],
  },
  'POST /clients': {
    access: needs('contacts.manage'),
    calls: (fixture, documented) => [{ ...asAdmin(fixture), body: first(documented), status: 201, answer: CLIENT }],
    keep: (fixture, [client]) => {
      fixture.kept.client = String(client!.id);
    },
  },
  'PUT /clients/:id': {
    access: needs('contacts.manage'),
    calls: (fixture) => [
      {
        ...asAdmin(fixture),
        ids: [fixture.kept.client!],
        status: 200,
        body: { lead_status: 'contacted', address: 'Calle 123 #45-67', notes: 'Cliente importante', ltv: 500000 },
        answer: CLIENT,
      },
    ],
  },
  'POST /clients/:id/tags': {
    access: needs('contacts.manage'),
    calls: (fixture, documented) => [
      {
        ...asAdmin(fixture),
        ids: [fixture.kept.client!],
        body: first(documented),
        status: 200,
        answer: { id: 1, tags: ['prospecto', 'vip'] },
      },
    ],
  },
  'DELETE /clients/:id/tags/:tag': {
    access: needs('contacts.manage'),
    calls: (fixture) => [
      { ...asAdmin(fixture), ids: [fixture.kept.client!, 'vip'], status: 200, answer: { id: 1, tags: ['prospecto'] } },
    ],
  },
  'GET /clients': {
    access: needs('contacts.read'),
    calls: (fixture) => [
      { ...asAdmin(fixture), query: { search: 'martinez', lead_status: 'contacted', segment: 'regular', limit: '20' } },
    ],
  },
  'DELETE /clients/:id': {
    access: needs('contacts.manage'),
    calls: (fixture) => [{ ...asAdmin(fixture), ids: [fixture.kept.client!], status: 204 }],
  },
  // Beyond the document.
  'GET /chats/mentions': { access: needs('chats.read', { person: true }) },
  'GET /chats/counts': { access: needs('chats.read') },
  'POST /chats/:id/snooze': { access: needs('chats.update') },
  'DELETE /chats/:id/snooze': { access: needs('chats.update') },
  'POST /chats/:id/archive': { access: needs('chats.update') },
  'DELETE /chats/:id/archive': { access: needs('chats.update') },
  'GET /chats/:id/scheduled-messages': { access: needs('messages.read') },
  'POST /chats/:id/scheduled-messages': { access: needs('messages.create') },
  'GET /chats/:id/scheduled-messages/:scheduledId': { access: needs('messages.read') },
  'PUT /chats/:id/scheduled-messages/:scheduledId': { access: needs('messages.create') },
  'DELETE /chats/:id/scheduled-messages/:scheduledId': { access: needs('messages.create') },
  'GET /canned-answers': { access: needs('messages.create') },
  'POST /canned-answers': { access: needs('messages.create') },
  'GET /canned-answers/:id': { access: needs('messages.create') },
  'PUT /canned-answers/:id': { access: needs('messages.create') },
  'DELETE /canned-answers/:id': { access: needs('messages.create') },
  'POST /chats/:id/canned-answers/:cannedAnswerId/preview': { access: needs('messages.create') },
  'GET /drafts': { access: needs('messages.create', { person: true }) },
  'GET /chats/:id/draft': { access: needs('messages.create', { person: true }) },
  'PUT /chats/:id/draft': { access: needs('messages.create', { person: true }) },
  'DELETE /chats/:id/draft': { access: needs('messages.create', { person: true }) },
  'GET /custom-fields': { access: needs('contacts.read') },
  'POST /custom-fields': { access: needs('tenant.update') },
  'PUT /custom-fields/:id': { access: needs('tenant.update') },
  'DELETE /custom-fields/:id': { access: needs('tenant.update') },
  'GET /boards': { access: needs('chats.read') },
  'POST /boards': { access: needs('campaigns.update') },
  'GET /boards/:id': { access: needs('chats.read') },
  'PUT /boards/:id': { access: needs('campaigns.update') },
  'DELETE /boards/:id': { access: needs('campaigns.update') },
  'GET /boards/:id/stages/:stageId/cards': { access: needs('chats.read') },
  'POST /boards/:id/cards/:cardId/move': { access: needs('chats.update') },
  'GET /surveys/settings': { access: needs('tenant.read') },
  'PUT /surveys/settings': { access: needs('tenant.update') },
  'DELETE /surveys/settings/campaigns/:id': { access: needs('tenant.update') },
  'GET /surveys/answers': { access: needs('chats.read') },
  'GET /surveys/summary': { access: needs('chats.read') },
  'GET /rules': { access: needs('campaigns.read') },
  'POST /rules': { access: needs('campaigns.update') },
  'PUT /rules/order': { access: needs('campaigns.update') },
  'GET /rules/runs': { access: needs('campaigns.read') },
  'GET /rules/:id': { access: needs('campaigns.read') },
  'PUT /rules/:id': { access: needs('campaigns.update') },
  'DELETE /rules/:id': { access: needs('campaigns.update') },
  'POST /rules/:id/try': { access: needs('campaigns.read') },
  'GET /macros': { access: needs('chats.read') },
  'POST /macros': { access: needs('chats.update') },
  'PUT /macros/:id': { access: needs('chats.update') },
  'DELETE /macros/:id': { access: needs('chats.update') },
  'POST /chats/:id/macros/:macroId': { access: needs('chats.read') },
  'POST /chats/:id/tags': {
    access: needs('chats.update'),
    calls: (fixture, documented) => [
      {
        ...asAdmin(fixture),
        ids: [fixture.conversation],
        body: first(documented),
        status: 200,
        answer: { id: 1, tags: ['urgente'] },
      },
    ],
  },
  'POST /chats/:id/notes': {
    access: needs('chats.update'),
    calls: (fixture, documented) => [
      {
        ...asAdmin(fixture),
        ids: [fixture.conversation],
        body: first(documented),
        status: 201,
        answer: { id: 1, user: { id: 1, first_name: 'x' }, content: 'x', created_at: TIME },
      },
    ],
  },
  'GET /chats/:id': {
    access: needs('chats.read'),
    calls: (fixture) => [{ ...asAdmin(fixture), ids: [fixture.conversation] }],
    gaps: [...NOT_DONE.chatDetail],
  },
  'POST /chats/:id/assign': {
    access: needs('chats.assign'),
    calls: async (fixture, documented) => [
      {
        ...asAdmin(fixture),
        ids: [fixture.conversation],
        body: { ...first(documented), agent_id: await fixture.ownId() },
      },
    ],
  },
  'POST /chats/:id/transfer': {
    access: needs('chats.transfer'),
    calls: async (fixture, documented) => [
      {
        ...asAdmin(fixture),
        ids: [fixture.conversation],
        body: { ...first(documented), target_id: await fixture.ownId() },
        status: 200,
        answer: { id: 1, assigned_agent: { id: 1, first_name: 'x' }, status: 'assigned', assigned_at: TIME },
      },
    ],
  },
  'PUT /chats/:id/priority': {
    access: needs('chats.update'),
    calls: (fixture, documented) => [
      {
        ...asAdmin(fixture),
        ids: [fixture.conversation],
        body: first(documented),
        status: 200,
        answer: { id: 1, status: 'assigned', priority: 'high' },
      },
    ],
  },
  'POST /chats/:id/close': {
    access: needs('chats.close'),
    calls: (fixture, documented) => [{ ...asAdmin(fixture), ids: [fixture.conversation], body: first(documented) }],
  },
  'POST /chats/:id/reopen': {
    access: needs('chats.close'),
    calls: (fixture) => [
      {
        ...asAdmin(fixture),
        ids: [fixture.conversation],
        status: 200,
        answer: { id: 1, status: 'assigned' },
      },
    ],
  },
  'GET /chats/:id/messages': {
    access: needs('messages.read'),
    calls: (fixture) => [{ ...asAdmin(fixture), ids: [fixture.conversation] }],
  },
  'POST /messages': {
    access: needs('messages.create'),
    calls: async (fixture, { requests: [text, image, template] }) => {
      await approveTemplate(fixture, 'welcome_template', 'es', 2);
      const own = { chat_id: fixture.conversation };
      return [
        { ...asAdmin(fixture), body: { ...(text!.body as object), ...own } },
        { ...asAdmin(fixture), body: { ...(image!.body as object), ...own, media_file_id: await upload(fixture) } },
        { ...asAdmin(fixture), body: { ...(template!.body as object), ...own } },
      ];
    },
  },
  'GET /messages/:id': {
    access: needs('messages.read'),
    calls: (fixture) => [
      {
        ...asAdmin(fixture),
        ids: [fixture.message],
        status: 200,
        answer: { id: 1, chat_id: 1, content: 'x', status: 'delivered', history: [{ event: 'received', at: TIME }] },
      },
    ],
  },
  'POST /messages/:id/read': {
    access: needs('chats.update'),
    calls: (fixture) => [
      {
        ...asAdmin(fixture),
        ids: [fixture.message],
        status: 200,
        answer: { id: 1, chat_id: 1, read_at: TIME, unread_count: 0 },
      },
    ],
  },
  'POST /messages/:id/retry': {
    access: needs('messages.create'),
    calls: async (fixture) => [
      {
        ...asAdmin(fixture),
        ids: [await failedMessage(fixture)],
        status: 201,
        answer: { id: 1, chat_id: 1, direction: 'outbound', message_type: 'text', content: 'x', status: 'pending' },
      },
    ],
  },
  // Beside the document.
  'GET /campaigns/:id/queue': { access: needs('campaigns.read') },
  'POST /whatsapp-numbers/:id/request-code': { access: needs('whatsapp.numbers.manage') },
  'POST /whatsapp-numbers/:id/verify-code': { access: needs('whatsapp.numbers.manage') },
  'GET /messages/undelivered': { access: needs('messages.read') },
  'POST /files': {
    access: needs('messages.create'),
    calls: (fixture) => [
      {
        ...asAdmin(fixture),
        ...fileForm({ name: 'imagen.png', type: 'image/png', content: PNG }, { related_entity_type: 'message' }),
      },
    ],
    keep: ({ kept }, [file]) => {
      kept.file = String(file!.id);
    },
  },
  'POST /clients/import': {
    access: needs('contacts.manage'),
    calls: (fixture) => [
      {
        ...asAdmin(fixture),
        ...fileForm({ name: 'clientes.csv', type: 'text/csv', content: CLIENTS }, { on_duplicate: 'update' }),
      },
    ],
  },
  'GET /clients/export': {
    access: needs('contacts.export'),
    calls: (fixture) => [
      {
        ...asAdmin(fixture),
        status: 200,
        query: { format: 'csv' },
        text: /^\W?phone,name,[\s\S]*\+573001234599,Carlos/,
      },
    ],
  },
  // Beside the document.
  'POST /clients/:id/merge': { access: needs('contacts.manage') },
  'GET /clients/:id/timeline': { access: needs('contacts.read') },
  'GET /clients/:id/erasure': { access: needs('contacts.manage') },
  'GET /clients/imports': { access: needs('contacts.manage') },
  'GET /clients/imports/:id': { access: needs('contacts.manage') },
  'GET /clients/imports/:id/errors': { access: needs('contacts.manage') },
  'GET /clients/imports/:id/errors/export': { access: needs('contacts.manage') },
  'POST /clients/imports/:id/start': { access: needs('contacts.manage') },
  'POST /clients/imports/:id/cancel': { access: needs('contacts.manage') },
  'GET /files/:id': {
    access: needs('messages.read'),
    calls: (fixture) => [{ ...asAdmin(fixture), ids: [fixture.kept.file!], status: 200, answer: FILE }],
  },
  'GET /files/:id/download': {
    access: needs('messages.read'),
    calls: (fixture) => [{ ...asAdmin(fixture), ids: [fixture.kept.file!], status: 200, text: /PNG/ }],
  },
  'DELETE /files/:id': {
    access: needs('messages.create'),
    calls: (fixture) => [{ ...asAdmin(fixture), ids: [fixture.kept.file!], status: 204 }],
  },
  'GET /audit-logs': { access: needs('audit.read'), calls: (fixture) => [asAdmin(fixture)] },
  'GET /audit-logs/export': {
    access: needs('audit.read'),
    calls: (fixture) => [{ ...asAdmin(fixture), status: 200, query: { format: 'csv' }, text: /^\W?id,/ }],
  },
  'GET /webhooks/whatsapp/meta/:number_id': {
    access: open,
    calls: ({ tenant }) => [
      {
        ids: [tenant.channelId],
        query: { 'hub.mode': 'subscribe', 'hub.verify_token': tenant.verifyToken, 'hub.challenge': '1158201444' },
        text: /^1158201444$/,
      },
    ],
  },
  'POST /webhooks/whatsapp/meta/:number_id': {
    access: signed,
    calls: ({ tenant }) => {
      const { body, signature } = signedTextWebhook(tenant.number, { from: '573155550011', name: 'Eva', text: 'Hola' });
      const headers = { 'content-type': 'application/json', 'x-hub-signature-256': signature };
      return [{ ids: [tenant.channelId], raw: body, headers, status: 200 }];
    },
  },
  'POST /webhooks/whatsapp/wppconnect/:number_id': {
    access: signed,
    calls: async ({ webhookSecret, kept }) => {
      const raw = Buffer.from(JSON.stringify({ event: 'status-find', session: 'x', status: 'notLogged' }));
      const query = { secret: await webhookSecret(kept.session!) };
      return [{ ids: [kept.session!], raw, query, headers: { 'content-type': 'application/json' }, status: 200 }];
    },
  },
  'POST /tasks': {
    access: needs('tasks.create'),
    calls: async (fixture, documented) => {
      const { conversation, contact } = fixture;
      const own = { client_id: contact, chat_id: conversation, assigned_to_user_id: await fixture.ownId() };
      return [{ ...asAdmin(fixture), body: { ...first(documented), ...own }, status: 201, answer: TASK }];
    },
    keep: (fixture, [made]) => {
      fixture.kept.task = String(made!.id);
    },
  },
  'GET /tasks': {
    access: needs('tasks.read'),
    calls: async (fixture, documented) => [
      {
        ...asAdmin(fixture),
        query: { ...documented.query, assigned_to_user_id: await fixture.ownId() },
        status: 200,
        answer: { data: [TASK], meta: META },
      },
    ],
  },
  // The customer who wrote, and about whom there is a task by now.
  'GET /clients/:id': {
    access: needs('contacts.read'),
    calls: (fixture) => [{ ...asAdmin(fixture), ids: [fixture.contact] }],
  },
  'PUT /tasks/:id': {
    access: needs('tasks.update'),
    calls: (fixture) => [
      { ...asAdmin(fixture), ids: [fixture.kept.task!], body: { title: 'Llamar hoy' }, status: 200, answer: TASK },
    ],
  },
  'POST /tasks/:id/comments': {
    access: needs('tasks.update'),
    calls: (fixture) => [
      {
        ...asAdmin(fixture),
        ids: [fixture.kept.task!],
        body: { content: 'No contesta' },
        status: 201,
        answer: { id: 1, user: { id: 1, first_name: 'x' }, content: 'x', created_at: TIME },
      },
    ],
  },
  'POST /tasks/:id/complete': {
    access: needs('tasks.update'),
    calls: (fixture, documented) => [
      {
        ...asAdmin(fixture),
        ids: [fixture.kept.task!],
        body: first(documented),
        status: 200,
        answer: { ...TASK, status: 'completed', completion_notes: 'x', completed_at: TIME },
      },
    ],
  },
  // Without a documented answer.
  'GET /messages/search': { access: needs('messages.read') },
  'GET /tasks/:id': { access: needs('tasks.read') },
  'DELETE /tasks/:id': { access: needs('tasks.delete') },
  'GET /tasks/:id/comments': { access: needs('tasks.read') },
  'POST /auth/2fa/disable': { access: self },
  'GET /users/:id/agent-status': { access: ownOr('users.read') },
  'GET /roles': { access: needs('users.read') },
  'POST /roles': { access: needs('roles.manage') },
  'PUT /roles/:id': { access: needs('roles.manage') },
  'DELETE /roles/:id': { access: needs('roles.manage') },
  'GET /api-keys': { access: needs('api_keys.manage') },
  'POST /api-keys': { access: needs('api_keys.manage', { person: true }) },
  'DELETE /api-keys/:id': { access: needs('api_keys.manage') },
  'GET /notifications': { access: self },
  'POST /notifications/:id/read': { access: self },
  'GET /webhook-endpoints': { access: needs('webhooks.manage') },
  'POST /webhook-endpoints': { access: needs('webhooks.manage') },
  'GET /webhook-endpoints/:id': { access: needs('webhooks.manage') },
  'PUT /webhook-endpoints/:id': { access: needs('webhooks.manage') },
  'DELETE /webhook-endpoints/:id': { access: needs('webhooks.manage') },
  'POST /webhook-endpoints/:id/secret': { access: needs('webhooks.manage') },
  'POST /webhook-endpoints/:id/test': { access: needs('webhooks.manage') },
  'GET /webhook-endpoints/:id/deliveries': { access: needs('webhooks.manage') },
  'POST /webhook-endpoints/:id/replay': { access: needs('webhooks.manage') },
  'GET /webhook-deliveries/:id': { access: needs('webhooks.manage') },
  'POST /webhook-deliveries/:id/replay': { access: needs('webhooks.manage') },
  'GET /webhook-replays/:id': { access: needs('webhooks.manage') },
  // Beyond the document: it shows how to send templates, and none that manages them.
  'GET /whatsapp-templates': { access: needs('templates.read') },
  'GET /whatsapp-templates/:id': { access: needs('templates.read') },
  'POST /whatsapp-templates': { access: needs('templates.manage') },
  'PUT /whatsapp-templates/:id': { access: needs('templates.manage') },
  'POST /whatsapp-templates/:id/submit': { access: needs('templates.manage') },
  'POST /whatsapp-templates/:id/preview': { access: needs('templates.read') },
  'DELETE /whatsapp-templates/:id': { access: needs('templates.manage') },
  'POST /whatsapp-templates/sync': { access: needs('templates.manage') },
};
