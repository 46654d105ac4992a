import { randomInt, randomUUID } from 'node:crypto';
import { createSandboxControl, type SandboxControl } from '@recado/sandbox';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { call, must, until } from '../../support/api.ts';
import { programsOf, type RunningProgram, runProgram } from '../../support/socket-program.ts';
import type {} from '../../support/system-setup.ts';
import { createTenant, type TestTenant } from '../../support/tenant.ts';

// The programs of the documents as they stand there: only address, token and ids are others.
const mesh = inject('mesh');
const gateway = mesh.urls.gateway;
let sandbox: SandboxControl;
let tenant: TestTenant;
/** Another person of the tenant. */
let other: { inbox: string; crm: string };
/** A chat, and its last message. */
let chat: { id: string; messageId: string };
const from = `57316${randomInt(1e6, 9e6)}`;

beforeAll(async () => {
  sandbox = createSandboxControl(mesh.urls.sandbox);
  await sandbox.setBehaviour({ statuses: { sentMs: 10, deliveredMs: 30, readMs: 60 } });
  tenant = await createTenant(gateway, sandbox);
  const person = { email: `p-${randomUUID()}@example.com`, password: 'Correct-horse-7' };
  const names = { first_name: 'Eva', last_name: 'Gómez', role_id: 'agent' };
  await must(call(gateway, 'POST', '/v1/users', { token: tenant.crm, body: { ...person, ...names } }), 201);
  const login = (path: string) =>
    must(call<{ access_token: string; token: string }>(gateway, 'POST', path, { body: person }), 200);
  other = { inbox: (await login('/inbox/auth/login')).token, crm: (await login('/v1/auth/login')).access_token };
  await says('Hola');
  chat = await until('the chat', async () => {
    const { body } = await call<{ data: { id: string; last_message: { id: string } }[] }>(gateway, 'GET', '/v1/chats', {
      token: tenant.crm,
    });
    const [one] = body.data;
    return one && { id: one.id, messageId: one.last_message.id };
  });
});
const running: RunningProgram[] = [];
afterEach(async () => {
  for (const program of running.splice(0)) await program.stop();
});
afterAll(() => sandbox?.close());

const says = (text: string) =>
  sandbox.customerSays({ phoneNumberId: tenant.number.phoneNumberId, from, name: 'Carla', text, wait: true });
const answers = (content: string) =>
  must(
    call(gateway, 'POST', '/v1/messages', {
      token: tenant.crm,
      body: { chat_id: chat.id, message_type: 'text', content },
    }),
    201,
  );
async function run(program: string, changes: Record<string, string>, token?: string): Promise<RunningProgram> {
  const started = await runProgram(program, changes, token);
  running.push(started);
  return started;
}
const holds = (text: string) => (args: readonly unknown[]) => JSON.stringify(args).includes(text);

describe('inbox.md', () => {
  const ADDRESS = 'http://localhost:3001';

  it('its complete program shows, reads and answers a chat live', async () => {
    const complete = (await programsOf('inbox')).at(-1)!;
    const changes = { [ADDRESS]: gateway, 'conv-123': chat.id };
    const [mine, theirs] = await Promise.all([
      run(complete, changes, tenant.inbox),
      run(complete, changes, other.inbox),
    ]);
    await Promise.all([mine, theirs].map((one) => one.wait('log', holds('Connected'))));

    await says('¿Hay turno?');
    const shown = await mine.wait('addMessageToUI', holds('¿Hay turno?'));
    expect(shown).toMatchObject([{ direction: 'INBOUND', type: 'TEXT', content: '¿Hay turno?' }]);
    await mine.wait('playNotificationSound');
    await mine.wait('isConversationOpen', holds(chat.id));
    await until('the message to be read', async () => {
      const { body } = await call<{ data: { unread_count: number }[] }>(gateway, 'GET', '/v1/chats', {
        token: tenant.crm,
      });
      return body.data[0]!.unread_count === 0 ? true : null;
    });

    await answers('A las diez');
    await mine.wait('updateMessageStatus', holds('READ'));

    theirs.ask('type');
    await mine.wait('showTypingIndicator', holds('Eva'));
    await mine.wait('hideTypingIndicator', holds('Eva'));

    mine.ask('leave');
    await mine.wait('log', holds('io client disconnect'));
    expect(mine.told.filter(({ name }) => name === 'error')).toEqual([]);
  });

  it('its examples one after the other are each confirmed', async () => {
    const parts = (await programsOf('inbox')).slice(0, -1).join('\n');
    const ids = { 'conv-123': chat.id, "'msg-789', 'msg-790'": `'${chat.messageId}'` };
    const program = await run(parts, { [ADDRESS]: gateway, SEU_JWT_TOKEN: tenant.inbox, ...ids });
    await program.wait('log', holds('Joined conversation:'));
    await program.wait('log', holds('Left conversation:'));
    await program.wait('log', holds('Messages marked as read:'));
    await program.wait('log', holds('Server is alive'));
    await says('Otra vez');
    await program.wait('log', (args) => holds('New message:')(args) && holds('Otra vez')(args));
    await program.wait('log', (args) => holds('Conversation updated:')(args) && holds(chat.id)(args));
    await answers('Sí');
    await program.wait('log', (args) => holds('Message status updated:')(args) && holds('READ')(args));
    expect(program.told.filter(({ name }) => name === 'error')).toEqual([]);
  });
});

it('crm.md: its examples show messages, changes, and who writes', async () => {
  const parts = (await programsOf('crm')).join('\n');
  const ids = { 'chatId: 123': `chatId: '${chat.id}'`, '[789, 790]': `['${chat.messageId}']` };
  const start = (token: string) =>
    run(parts, { 'wss://api.tudominio.com': gateway, 'Bearer eyJhbGciOiJIUzI1NiIs...': `Bearer ${token}`, ...ids });
  const mine = await start(tenant.crm);
  // The program does not tell when it is connected: the customer writes until it shows that.
  await until('a message of the customer', async () => {
    await says('Para crm');
    return mine.told.some(({ args }) => holds('Nuevo mensaje:')(args) && holds('Para crm')(args)) || null;
  });
  // The other one joins, and its program writes at once.
  await start(other.crm);
  await mine.wait('log', (args) => holds('Agente escribiendo:')(args) && holds('Eva')(args));
  const { data } = await must(
    call<{ data: { id: string; first_name: string }[] }>(gateway, 'GET', '/v1/users', { token: tenant.crm }),
    200,
  );
  const eva = data.find(({ first_name }) => first_name === 'Eva')!;
  const body = { target_type: 'agent', target_id: eva.id, reason: 'Turno' };
  await must(call(gateway, 'POST', `/v1/chats/${chat.id}/transfer`, { token: tenant.crm, body }), 200);
  await mine.wait('log', (args) => holds('Chat actualizado:')(args) && holds(eva.id)(args));
  await mine.wait('log', (args) => holds('Chat transferido:')(args) && holds('Turno')(args));
});

it('saas.md: its example shows messages and states of instances', async () => {
  const [example] = await programsOf('saas');
  const program = await run(example!, { 'http://localhost:3000': gateway, 'your-jwt-token': tenant.saas });
  // The present states come with the connection.
  await program.wait('log', (args) => holds('Cambio de estado:')(args) && holds(tenant.channelId)(args));
  await says('Para saas');
  await program.wait('log', (args) => holds('Nuevo mensaje:')(args) && holds('Para saas')(args));
});
