import { randomInt, randomUUID } from 'node:crypto';
import { connectorApi, identityApi, permissionsOf, uuidv7 } from '@recado/contracts';
import { type Caller, type Client, createClient } from '@recado/service-kit';
import postgres from 'postgres';
import { internalTokensOf } from '../../infra/local/secrets.ts';
import { call, must, until } from '../support/api.ts';
import { fileForm } from '../support/form.ts';
import { createTenant, type TestTenant } from '../support/tenant.ts';
import type { TestMesh } from './test-mesh.ts';

/** What a path id or a body's id may name. */
export type Kind =
  | 'tenant'
  | 'user'
  | 'role'
  | 'apiKey'
  | 'notification'
  | 'channel'
  | 'template'
  | 'campaign'
  | 'conversation'
  | 'message'
  | 'contact'
  | 'erasedContact'
  | 'group'
  | 'task'
  | 'customField'
  | 'cannedAnswer'
  | 'scheduledMessage'
  | 'rule'
  | 'macro'
  | 'board'
  | 'stage'
  | 'card'
  | 'import'
  | 'webhookEndpoint'
  | 'webhookDelivery'
  | 'webhookReplay'
  | 'session'
  | 'file';

/**
 * The callers. `bare`: a user whose role has no permission. `bareKey`: a key that may only read the
 * tenant's name.
 */
export type Actor = 'admin' | 'supervisor' | 'agent' | 'bare' | 'key' | 'bareKey';
export const ACTORS: Actor[] = ['admin', 'supervisor', 'agent', 'bare', 'key', 'bareKey'];

/** A tenant with one of everything. */
export interface SeededTenant {
  tenant: TestTenant;
  slug: string;
  ids: Record<Kind, string>;
  tokens: Record<Actor, string>;
  emails: Record<'admin' | 'supervisor' | 'agent' | 'bare', string>;
  password: string;
  /** Of the agent's crm session. */
  refreshToken: string;
  /** Occurs in every text of this tenant that another must never see. */
  canary: string;
}

const PASSWORD = 'Correct-horse-7';

/**
 * Makes a tenant through the public APIs, and what they do not offer yet through identity's own.
 */
export async function createSeededTenant({
  urls,
  servers,
  secrets,
  gateway,
  sandbox,
}: TestMesh): Promise<SeededTenant> {
  const canary = `canario${randomUUID().slice(0, 8)}`;
  const tenant = await createTenant(gateway, sandbox, { name: `Empresa ${canary}` });
  const identity = createClient(identityApi, {
    name: 'identity',
    baseUrl: urls.identity,
    tokens: internalTokensOf('gateway', secrets),
    timeoutMs: 60_000,
  });
  const me = await must(call<{ data: { id: string } }>(gateway, 'GET', '/api/v1/auth/me', { token: tenant.saas }), 200);
  const caller: Caller = {
    tenantId: tenant.tenantId,
    userId: me.data.id,
    role: 'admin',
    permissions: permissionsOf('admin'),
    edition: 'crm',
    service: 'gateway',
  };
  const connector = createClient(connectorApi, {
    name: 'channel-connector',
    baseUrl: urls['channel-connector'],
    tokens: internalTokensOf('gateway', secrets),
    timeoutMs: 20_000,
  });
  try {
    const { slug } = await identity.getTenant({}, { caller });
    const role = await identity.createRole(
      { body: { name: `rol-${canary}`, displayName: `Rol ${canary}`, baseRole: 'agent', permissions: [] } },
      { caller },
    );
    const people = await Promise.all(
      (['supervisor', 'agent', 'bare'] as const).map(async (actor) => {
        const email = `${actor}-${canary}@example.com`;
        const user = await identity.createUser(
          {
            body: {
              email,
              password: PASSWORD,
              firstName: `Nombre ${canary}`,
              lastName: actor,
              ...(actor === 'bare' ? { customRoleId: role.id } : { role: actor }),
            },
          },
          { caller },
        );
        const login = await must(
          call<{ access_token: string; refresh_token: string }>(gateway, 'POST', '/v1/auth/login', {
            body: { email, password: PASSWORD },
          }),
          200,
        );
        return [actor, { id: user.id, email, token: login.access_token, refreshToken: login.refresh_token }] as const;
      }),
    );
    const { supervisor, agent, bare } = Object.fromEntries(people) as Record<
      'supervisor' | 'agent' | 'bare',
      { id: string; email: string; token: string; refreshToken: string }
    >;
    const [key, bareKey] = await Promise.all(
      [permissionsOf('admin'), ['tenant.read' as const]].map((permissions) =>
        identity.createApiKey({ body: { name: `llave ${canary}`, permissions } }, { caller }),
      ),
    );
    const { conversation, message, contact } = await startConversation(gateway, sandbox, tenant, canary);
    return {
      tenant,
      slug,
      ids: {
        tenant: tenant.tenantId,
        user: agent.id,
        role: role.id,
        apiKey: bareKey!.apiKey.id,
        notification: await notify(servers.databaseUrl, tenant.tenantId, me.data.id, canary),
        channel: tenant.channelId,
        template: await draftTemplate(connector, caller, tenant.channelId, canary),
        campaign: await makeCampaign(gateway, tenant.crm, canary),
        conversation,
        message,
        contact,
        erasedContact: await eraseContact(gateway, tenant.crm),
        ...(await sendWebhook(connector, caller, tenant.channelId, `${urls.sandbox}/receivers/${canary}`)),
        group: await gatherGroup(gateway, tenant.crm, contact, canary),
        task: await createTask(gateway, tenant.crm, contact, canary),
        customField: await defineField(gateway, tenant.crm, canary),
        ...(await makeBoard(gateway, tenant.crm, canary)),
        card: contact,
        cannedAnswer: await writeAnswer(gateway, tenant.crm, canary),
        scheduledMessage: await schedule(gateway, tenant.crm, conversation, canary),
        rule: await makeRule(gateway, tenant.crm, canary),
        macro: await makeMacro(gateway, tenant.crm, canary),
        import: await readContacts(gateway, tenant.crm, canary),
        session: randomUUID(),
        file: await uploadFile(gateway, tenant.crm, canary),
      },
      tokens: {
        admin: tenant.crm,
        supervisor: supervisor.token,
        agent: agent.token,
        bare: bare.token,
        key: key!.key,
        bareKey: bareKey!.key,
      },
      emails: { admin: tenant.email, supervisor: supervisor.email, agent: agent.email, bare: bare.email },
      password: PASSWORD,
      refreshToken: agent.refreshToken,
      canary,
    };
  } finally {
    await identity.close();
    await connector.close();
  }
}

async function makeCampaign(gateway: string, token: string, canary: string): Promise<string> {
  const body = { name: `Campaña ${canary}`, code: canary, welcome_message: `Hola de ${canary}` };
  return (await must(call<{ id: string }>(gateway, 'POST', '/v1/campaigns', { token, body }), 201)).id;
}

/** A draft of the tenant's. */
async function draftTemplate(
  connector: Client<typeof connectorApi>,
  caller: Caller,
  channelId: string,
  canary: string,
): Promise<string> {
  const components = [{ type: 'BODY', text: `Plantilla ${canary}` }];
  const draft = { channelId, name: `plantilla_${canary}`, language: 'es', category: 'utility' as const, components };
  const { id } = await connector.createTemplate({ body: { ...draft, submit: false } }, { caller });
  return id;
}

/** An endpoint that has got a test, and the channel's own. */
async function sendWebhook(
  connector: Client<typeof connectorApi>,
  caller: Caller,
  channelId: string,
  url: string,
): Promise<Record<'webhookEndpoint' | 'webhookDelivery' | 'webhookReplay', string>> {
  const { endpoint } = await connector.createWebhookEndpoint(
    { body: { name: url, url, eventTypes: ['broadcast.finished'] } },
    { caller },
  );
  await connector.updateChannel({ params: { channelId }, body: { webhookUrl: url } }, { caller });
  const params = { endpointId: endpoint.id };
  const { id: deliveryId } = await connector.testWebhookEndpoint({ params }, { caller });
  await until('the delivery', async () => {
    const { status } = await connector.getWebhookDelivery({ params: { deliveryId } }, { caller });
    return status === 'delivered' ? true : null;
  });
  const replay = await connector.replayFailedWebhooks({ params, body: { since: endpoint.createdAt } }, { caller });
  return { webhookEndpoint: endpoint.id, webhookDelivery: deliveryId, webhookReplay: replay.id };
}

async function uploadFile(gateway: string, token: string, canary: string): Promise<string> {
  const form = fileForm({ name: `${canary}.txt`, type: 'text/plain', content: Buffer.from(canary) });
  return (await must(call<{ id: string }>(gateway, 'POST', '/v1/files', { token, ...form }), 201)).id;
}

/** A file of contacts that waits for its start. */
async function readContacts(gateway: string, token: string, canary: string): Promise<string> {
  const content = Buffer.from(`telefono,nombre,${canary}\n+573001112299,${canary},x\n`);
  const form = fileForm({ name: `${canary}.csv`, type: 'text/csv', content }, { preview: 'true' });
  return (await must(call<{ id: string }>(gateway, 'POST', '/v1/clients/import', { token, ...form }), 200)).id;
}

/** A notification of the admin's; what would cause one takes seconds. */
async function notify(databaseUrl: string, tenantId: string, userId: string, canary: string): Promise<string> {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => undefined });
  const id = uuidv7();
  try {
    await sql`
      insert into identity.notifications (tenant_id, id, user_id, kind, params, source_event_id)
      values (${tenantId}, ${id}, ${userId}, 'channel.lost',
              ${sql.json({ name: `Canal ${canary}`, phone: '+573001234567', reason: canary })}, ${randomUUID()})`;
  } finally {
    await sql.end();
  }
  return id;
}

/** A contact that was removed. */
async function eraseContact(gateway: string, token: string): Promise<string> {
  const body = { phone_number: '+573009998877', first_name: 'Eva' };
  const { id } = await must(call<{ id: string }>(gateway, 'POST', '/v1/clients', { token, body }), 201);
  await must(call(gateway, 'DELETE', `/v1/clients/${id}`, { token }), 204);
  return id;
}

/** A group of the admin's with a contact in it. */
async function gatherGroup(gateway: string, token: string, contact: string, canary: string): Promise<string> {
  const body = { name: `Grupo ${canary}`, description: canary };
  const { id } = await must(call<{ id: string }>(gateway, 'POST', '/scheduler/api/groups', { token, body }), 201);
  const members = { token, body: { contact_ids: [contact] } };
  await must(call(gateway, 'POST', `/scheduler/api/groups/${id}/contacts`, members), 201);
  return id;
}

/** A custom field of clients. */
/** A board of contacts. */
async function makeBoard(gateway: string, token: string, canary: string): Promise<{ board: string; stage: string }> {
  const body = { name: `Tablero ${canary}`, kind: 'lead_status' };
  type Made = { id: string; stages: { id: string }[] };
  const { id: board, stages } = await must(call<Made>(gateway, 'POST', '/v1/boards', { token, body }), 201);
  return { board, stage: stages[0]!.id };
}

async function defineField(gateway: string, token: string, canary: string): Promise<string> {
  const body = { key: `rubro ${canary}`, type: 'option', options: ['salud', canary] };
  return (await must(call<{ id: string }>(gateway, 'POST', '/v1/custom-fields', { token, body }), 201)).id;
}

/** A canned answer that all agents share. */
async function writeAnswer(gateway: string, token: string, canary: string): Promise<string> {
  const body = { shortcut: canary, content: `Hola {{contact.name|cliente}}, le saluda ${canary}` };
  return (await must(call<{ id: string }>(gateway, 'POST', '/v1/canned-answers', { token, body }), 201)).id;
}

/** A rule that never runs. */
async function makeRule(gateway: string, token: string, canary: string): Promise<string> {
  const then = { name: `Regla ${canary}`, event: 'conversation.closed', actions: [{ type: 'note', content: canary }] };
  const body = { ...then, enabled: false };
  return (await must(call<{ id: string }>(gateway, 'POST', '/v1/rules', { token, body }), 201)).id;
}

/** A macro of the admin's own. */
async function makeMacro(gateway: string, token: string, canary: string): Promise<string> {
  const body = { name: `Macro ${canary}`, actions: [{ type: 'note', content: canary }] };
  return (await must(call<{ id: string }>(gateway, 'POST', '/v1/macros', { token, body }), 201)).id;
}

/** A message that the chat sends tomorrow. */
async function schedule(gateway: string, token: string, chat: string, canary: string): Promise<string> {
  const body = { message_type: 'text', content: canary, send_at: new Date(Date.now() + 86_400_000).toISOString() };
  const path = `/v1/chats/${chat}/scheduled-messages`;
  return (await must(call<{ id: string }>(gateway, 'POST', path, { token, body }), 201)).id;
}

/** A task of the admin's, with a comment. */
async function createTask(gateway: string, token: string, contact: string, canary: string): Promise<string> {
  const body = { title: `Tarea ${canary}`, description: canary, client_id: contact };
  const { id } = await must(call<{ id: string }>(gateway, 'POST', '/v1/tasks', { token, body }), 201);
  await must(call(gateway, 'POST', `/v1/tasks/${id}/comments`, { token, body: { content: canary } }), 201);
  return id;
}

/** A customer writes; what became of it is found as an agent would find it. */
async function startConversation(
  gateway: string,
  sandbox: TestMesh['sandbox'],
  tenant: TestTenant,
  canary: string,
): Promise<Record<'conversation' | 'message' | 'contact', string>> {
  await sandbox.customerSays({
    phoneNumberId: tenant.number.phoneNumberId,
    from: `57316${randomInt(1e6, 1e7)}`,
    name: `Cliente ${canary}`,
    text: `Mensaje ${canary}`,
    wait: true,
  });
  const token = tenant.crm;
  const chat = await until('the conversation', async () => {
    const list = await must(
      call<{ data: { id: string; client: { id: string } }[] }>(gateway, 'GET', '/v1/chats', { token }),
      200,
    );
    return list.data[0];
  });
  const messages = await must(
    call<{ data: { id: string }[] }>(gateway, 'GET', `/v1/chats/${chat.id}/messages`, { token }),
    200,
  );
  return { conversation: chat.id, message: messages.data[0]!.id, contact: chat.client.id };
}
