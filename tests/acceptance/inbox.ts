import { call, must, until } from '../support/api.ts';
import { signedTextWebhook } from '../support/meta-webhook.ts';
import { eitherWay, needs, open, self, signed } from './access.ts';
import type { Fixture } from './fixture.ts';
import type { EditionTable, Step } from './flow.ts';
import { approveTemplate } from './templates.ts';

const asAdmin = ({ tenant, slug }: Fixture) => ({ token: tenant.crm, headers: { 'x-tenant-slug': slug } });

/** The documented body, in a conversation that is there. */
const inConversation: Step['calls'] = (fixture, { requests }) =>
  requests.map(({ body }) => ({
    ...asAdmin(fixture),
    body: { ...(body as object), conversationId: fixture.conversation },
  }));

/** Every route of inbox: its access, and how its documented example is tried. */
export const INBOX: EditionTable = {
  'POST /auth/login': { access: open, calls: ({ tenant: { email, password } }) => [{ body: { email, password } }] },
  'POST /auth/register': {
    access: open,
    calls: (fixture, { requests }) => {
      const email = fixture.newEmail();
      const tenantSlug = `hotel-${email.slice(8, 16)}`;
      return [{ body: { ...(requests[0]!.body as object), email, tenantSlug, password: 'senha-de-hotel-7' } }];
    },
  },
  'GET /webhooks/whatsapp': {
    access: open,
    calls: ({ tenant, slug }) => [
      {
        headers: { 'x-tenant-slug': slug },
        query: { 'hub.mode': 'subscribe', 'hub.verify_token': tenant.verifyToken, 'hub.challenge': '1158201444' },
        text: /^1158201444$/,
      },
    ],
  },
  'POST /webhooks/whatsapp': {
    access: signed,
    calls: ({ tenant, slug }) => {
      const { body, signature } = signedTextWebhook(tenant.number, {
        from: '5511999999999',
        name: 'João',
        text: 'Olá',
      });
      const headers = { 'content-type': 'application/json', 'x-hub-signature-256': signature, 'x-tenant-slug': slug };
      return [{ raw: body, headers, text: /^EVENT_RECEIVED$/ }];
    },
  },
  'PATCH /api/conversations/:id': {
    access: needs('chats.update'),
    calls: async (fixture, { requests }) => {
      const { gateway, conversation } = fixture;
      const path = `/v1/chats/${conversation}/tags`;
      for (const tag of ['Reserva', 'VIP'])
        await must(call(gateway, 'POST', path, { token: fixture.tenant.crm, body: { tag } }), 200);
      const shown = await must(
        call<{ tags: { id: string }[] }>(gateway, 'GET', `/inbox/api/conversations/${conversation}`, asAdmin(fixture)),
        200,
      );
      const own = { assignedToId: await fixture.ownId(), tagIds: shown.tags.map(({ id }) => id) };
      return [{ ...asAdmin(fixture), ids: [conversation], body: { ...(requests[0]!.body as object), ...own } }];
    },
  },
  'GET /api/conversations': {
    access: needs('chats.read'),
    calls: (fixture) => [asAdmin(fixture)],
  },
  'GET /api/conversations/:id': {
    access: needs('chats.read'),
    calls: (fixture) => [{ ...asAdmin(fixture), ids: [fixture.conversation] }],
  },
  'POST /api/conversations/:id/assign': {
    access: needs('chats.assign'),
    calls: async (fixture) => [
      { ...asAdmin(fixture), ids: [fixture.conversation], body: { userId: await fixture.ownId() } },
    ],
  },
  'GET /api/messages/search': {
    access: needs('messages.read'),
    calls: async (fixture) => {
      const { gateway, conversation: conversationId, tenant } = fixture;
      const query = { query: 'qué HORARIOS', limit: '50' };
      await until('the message to be found', async () => {
        const path = '/v1/messages/search?query=horarios';
        const found = call<{ data: unknown[] }>(gateway, 'GET', path, { token: tenant.crm });
        return (await must(found, 200)).data.length > 0 ? true : null;
      });
      return [
        { ...asAdmin(fixture), query },
        { ...asAdmin(fixture), query: { ...query, conversationId } },
      ];
    },
  },
  'GET /api/conversations/:conversationId/messages': {
    access: needs('messages.read'),
    calls: (fixture) => [{ ...asAdmin(fixture), ids: [fixture.conversation] }],
  },
  'GET /api/conversations/:conversationId/stats': {
    access: needs('messages.read'),
    calls: (fixture) => [{ ...asAdmin(fixture), ids: [fixture.conversation] }],
  },
  'POST /api/messages': { access: needs('messages.create'), calls: inConversation },
  'POST /api/messages/template': {
    access: needs('messages.create'),
    calls: async (fixture, documented) => {
      await approveTemplate(fixture, 'reserva_confirmada', 'pt_BR', 4);
      return inConversation(fixture, documented);
    },
  },
  'POST /api/messages/buttons': { access: needs('messages.create'), calls: inConversation },
  'POST /api/messages/list': { access: needs('messages.create'), calls: inConversation },
  'POST /api/messages/:id/read': {
    access: needs('chats.update'),
    calls: (fixture) => [{ ...asAdmin(fixture), ids: [fixture.message], status: 204 }],
  },
  // Without a documented answer.
  'POST /auth/confirm-email': { access: eitherWay },
  'POST /auth/confirm-email/resend': { access: self },
  'GET /auth/me': { access: self },
  'POST /auth/logout': { access: self },
  'PUT /auth/change-password': { access: self },
  'GET /api/notifications': { access: self },
  'POST /api/notifications/:id/read': { access: self },
  // Beyond the document: it shows how to send templates, and none that manages them.
  'GET /api/templates': { access: needs('templates.read') },
  'GET /api/templates/:id': { access: needs('templates.read') },
  'POST /api/templates': { access: needs('templates.manage') },
  'PUT /api/templates/:id': { access: needs('templates.manage') },
  'POST /api/templates/:id/submit': { access: needs('templates.manage') },
  'POST /api/templates/:id/preview': { access: needs('templates.read') },
  'DELETE /api/templates/:id': { access: needs('templates.manage') },
  'POST /api/templates/sync': { access: needs('templates.manage') },
  // Last: nothing is written into a closed conversation.
  'POST /api/conversations/:id/close': {
    access: needs('chats.close'),
    calls: (fixture) => [{ ...asAdmin(fixture), ids: [fixture.conversation] }],
  },
};
