import { randomInt } from 'node:crypto';
import { io, type Socket } from 'socket.io-client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { call, must, until } from '../../support/api.ts';
import { createTenant, type TestTenant } from '../../support/tenant.ts';
import { sharedTestMesh } from '../shared-mesh.ts';
import type { TestMesh } from '../test-mesh.ts';

// The story of a customer who got another number, as saas, crm, inbox and scheduler see it.
let mesh: TestMesh;
let tenant: TestTenant;
let screen: Socket;
/** What inbox's socket has shown. */
const shown: { conversationId: string; message: { content: string; contact: { phoneNumber: string } } }[] = [];
const digits = () => `57300${randomInt(1e6, 9e6)}`;
const [A, B] = [digits(), digits()];

beforeAll(async () => {
  mesh = sharedTestMesh();
  tenant = await createTenant(mesh.gateway, mesh.sandbox, { ai: false });
  screen = io(mesh.gateway, { transports: ['websocket'], auth: { token: tenant.inbox } });
  screen.on('message:new', (event) => shown.push(event));
  await new Promise<void>((resolve) => screen.once('session:ready', () => resolve()));
});
afterAll(async () => {
  screen?.disconnect();
  await mesh?.stop();
});

interface Chat {
  id: string;
  client: { phone_number: string };
}
interface Shown {
  id: string;
  contactNumber: string;
}

const says = (from: string, name: string, text: string) =>
  mesh.sandbox.customerSays({ phoneNumberId: tenant.number.phoneNumberId, from, name, text, wait: true });
const inbox = (text: string) =>
  until(`inbox to show ${text}`, async () => shown.find(({ message }) => message.content === text));
const get = <T>(path: string) => must(call<T>(mesh.gateway, 'GET', path, { token: tenant.crm }), 200);
const crmChat = (id: string) => get<Chat>(`/v1/chats/${id}`);
async function saasChat(id: string): Promise<Shown | undefined> {
  const path = `/api/v1/whatsapp/instances/${tenant.channelId}/conversations`;
  return (await get<{ data: Shown[] }>(path)).data.find((one) => one.id === id);
}
async function thread(id: string): Promise<string[]> {
  const { data } = await get<{ data: { content: string }[] }>(`/v1/chats/${id}/messages?limit=100`);
  return data.map(({ content }) => content).sort();
}
async function sendTo(to: string, text: string): Promise<Shown> {
  const path = `/api/v1/whatsapp/instances/${tenant.channelId}/messages/send`;
  const answer = call<{ data: { conversation: Shown } }>(mesh.gateway, 'POST', path, {
    token: tenant.saas,
    body: { to: `+${to}`, text },
  });
  return (await must(answer, 201)).data.conversation;
}
const reply = (id: string, content: string) =>
  must(
    call(mesh.gateway, 'POST', '/v1/messages', {
      token: tenant.crm,
      body: { chat_id: id, message_type: 'text', content },
    }),
    201,
  );
/** To whom a text went, by the provider's own list. */
const recipient = (text: string) =>
  until(`${text} to reach the provider`, async () => {
    const sent = await mesh.sandbox.ledgerMessages({ phoneNumberId: tenant.number.phoneNumberId });
    const found = sent.filter((row) => row.text === text).map(({ to }) => to.replace(/^\+/, ''));
    return found.length > 0 ? found : null;
  });

it('a send to the new number goes there, and the next owner of the old one never enters the thread', async () => {
  await says(A, 'Ana', 'soy Ana');
  const { conversationId: chat, message } = await inbox('soy Ana');
  expect(message.contact.phoneNumber).toBe(A);

  const contacts = await get<{ data: { id: string; phone: string }[] }>('/scheduler/api/contacts');
  const contact = contacts.data.find(({ phone }) => phone === `+${A}`)!;
  const change = { token: tenant.crm, body: { phone: `+${B}` } };
  await must(call(mesh.gateway, 'PUT', `/scheduler/api/contacts/${contact.id}`, change), 200);

  // A send to B: the answer and the provider name B.
  expect((await sendTo(B, 'para el nuevo')).contactNumber).toBe(B);
  expect(await recipient('para el nuevo')).toEqual([B]);

  // The open conversation shows and uses A until the customer writes from B.
  expect((await crmChat(chat)).client.phone_number).toBe(`+${A}`);
  expect((await saasChat(chat))?.contactNumber).toBe(A);
  await reply(chat, 'respuesta al hilo');
  expect(await recipient('respuesta al hilo')).toEqual([A]);

  // A belongs to another customer now.
  await says(A, 'Otro', 'soy otro');
  const other = await inbox('soy otro');
  expect(other.conversationId).not.toBe(chat);
  expect(await thread(other.conversationId)).toEqual(['soy otro']);
  expect(await thread(chat)).not.toContain('soy otro');
  expect((await sendTo(A, 'para el otro')).id).toBe(other.conversationId);
  expect(await recipient('para el otro')).toEqual([A]);

  await says(B, 'Ana', 'desde el nuevo');
  expect((await inbox('desde el nuevo')).conversationId).toBe(chat);
  expect((await crmChat(chat)).client.phone_number).toBe(`+${B}`);
  expect((await saasChat(chat))?.contactNumber).toBe(B);
  await reply(chat, 'al nuevo, por el hilo');
  expect(await recipient('al nuevo, por el hilo')).toEqual([B]);
  expect(await thread(chat)).toEqual(
    ['al nuevo, por el hilo', 'desde el nuevo', 'para el nuevo', 'respuesta al hilo', 'soy Ana'].sort(),
  );
  expect(mesh.complaints()).toEqual([]);
  expect(await mesh.failedEvents()).toEqual([]);
});
