import { permissionsOf, uuidv7 } from '@recado/contracts';
import { eventually } from '@recado/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accessToken } from './access-token.ts';
import { samples } from './samples.ts';
import { connectSocket, type SocketGateway, startSocketGateway, type TestSocket } from './sockets.ts';

// Two gateways of one mesh: what is said at one is heard at the other.
let here: SocketGateway;
let there: SocketGateway;
const open: TestSocket[] = [];
beforeAll(async () => {
  here = await startSocketGateway();
  there = await startSocketGateway();
}, 60_000);
afterAll(async () => {
  for (const socket of open) socket.close();
  await Promise.all([here?.stop(), there?.stop()]);
});

const { tenant, user, conversation, message } = samples;
const chatId = conversation.id;
const agent = permissionsOf('agent');

async function connect(
  { gateway, host }: SocketGateway,
  aud: 'crm' | 'inbox',
  { sub = uuidv7(), tid = tenant.id, perms = agent }: { sub?: string; tid?: string; perms?: string[] } = {},
): Promise<TestSocket> {
  const socket = await connectSocket(host, aud, accessToken(gateway.fakes, { aud, tid, sub, perms }));
  open.push(socket);
  return socket;
}

const heard = ({ heard }: TestSocket, name: string) =>
  heard.filter(([event]) => event === name).map(([, payload]) => payload);

async function join(socket: TestSocket, edition: 'crm' | 'inbox'): Promise<void> {
  const [name, payload, answer] =
    edition === 'crm'
      ? (['chat.join', { chatId }, 'chat.joined'] as const)
      : (['conversation:join', chatId, 'conversation:joined'] as const);
  socket.say(name, payload);
  await eventually(() => expect(heard(socket, answer)).toHaveLength(1));
}

describe('who writes in a conversation', () => {
  it('is told to the others who have it open, in each dialect and at every gateway', async () => {
    const writer = await connect(here, 'inbox', { sub: user.id });
    const [near, far, crm, closed] = await Promise.all([
      connect(here, 'inbox'),
      connect(there, 'inbox'),
      connect(there, 'crm'),
      connect(here, 'inbox'),
    ]);
    await Promise.all([join(near, 'inbox'), join(far, 'inbox'), join(crm, 'crm')]);
    writer.say('conversation:typing', { conversationId: chatId, isTyping: true });
    const said = { conversationId: chatId, userId: user.id, isTyping: true };
    for (const socket of [near, far]) {
      await eventually(() => expect(heard(socket, 'conversation:typing')).toMatchObject([said]));
    }
    await eventually(() =>
      expect(heard(crm, 'agent.typing')).toMatchObject([{ chatId, agent: { id: user.id }, isTyping: true }]),
    );
    // It is told that its person ends also when the client goes away.
    writer.close();
    await eventually(() =>
      expect(heard(far, 'conversation:typing').map(({ isTyping }) => isTyping)).toEqual([true, false]),
    );
    expect([heard(closed, 'conversation:typing'), heard(writer, 'conversation:typing')]).toEqual([[], []]);
  });

  it('is told to the customer once in a while, not with every key', async () => {
    const { fakes } = here.gateway;
    const writer = await connect(here, 'crm', { sub: user.id, tid: uuidv7() });
    const calls = () => fakes.calls.filter((call) => call.endsWith('/typing')).length;
    const before = calls();
    for (let i = 0; i < 10; i++) writer.say('chat.typing', { chatId });
    await eventually(() => expect(calls()).toBe(before + 1));
    await writer.settle();
    expect(calls()).toBe(before + 1);
  });

  it('is nothing that a person without the chats says or hears', async () => {
    const blind = await connect(here, 'inbox', { perms: agent.filter((one) => one !== 'chats.read') });
    blind.say('conversation:typing', { conversationId: chatId, isTyping: true });
    await eventually(() => expect(heard(blind, 'error')).toMatchObject([{ code: 'not_found' }]));
  });
});

describe('who has a conversation open', () => {
  it('is shown to all who have it open, at every gateway, until they leave or go', async () => {
    const [tid, ana] = [uuidv7(), uuidv7()];
    const seen = (socket: TestSocket, name: string) =>
      (heard(socket, name) as { agents?: { id: string }[]; users?: { userId: string }[] }[])
        .map(({ agents, users }) => agents?.map(({ id }) => id) ?? users?.map(({ userId }) => userId))
        .at(-1);
    const [first, second] = [
      await connect(here, 'crm', { tid, sub: ana }),
      await connect(there, 'inbox', { tid, sub: user.id }),
    ];
    await join(first, 'crm');
    await eventually(() => expect(seen(first, 'chat.viewers')).toEqual([ana]));
    await join(second, 'inbox');
    const both = [ana, user.id].sort();
    await eventually(() => expect(seen(first, 'chat.viewers')).toEqual(both));
    await eventually(() => expect(seen(second, 'conversation:viewers')).toEqual(both));
    // The same person on a second screen is one viewer.
    const again = await connect(here, 'crm', { tid, sub: ana });
    await join(again, 'crm');
    await eventually(() => expect(seen(again, 'chat.viewers')).toEqual(both));
    first.say('chat.leave', { chatId });
    await eventually(() => expect(heard(first, 'chat.left')).toHaveLength(1));
    expect(seen(again, 'chat.viewers')).toEqual(both);
    second.close();
    await eventually(() => expect(seen(again, 'chat.viewers')).toEqual([ana]));
    expect(seen(first, 'chat.viewers')).toEqual(both);
  });

  it('leaves out people of a gateway that died, and other tenants', async () => {
    const [tid, ana] = [uuidv7(), uuidv7()];
    const { redis } = here.gateway.deps;
    const stranger = await connect(here, 'crm', { sub: uuidv7() });
    const [socket, other] = [await connect(there, 'crm', { tid, sub: ana }), await connect(there, 'crm', { tid })];
    for (const one of [stranger, socket, other]) await join(one, 'crm');
    const dead = uuidv7();
    const key = `recado:viewers:${tid}:${chatId}`;
    await eventually(() => redis.zadd(key, Date.now() - 1, `${dead} its-gateway its-session`));
    other.say('chat.leave', { chatId });
    await eventually(() => expect(heard(socket, 'chat.viewers').at(-1)).toMatchObject({ agents: [{ id: ana }] }));
    await stranger.settle();
    expect(JSON.stringify(heard(socket, 'chat.viewers'))).not.toContain(dead);
    expect(JSON.stringify(heard(stranger, 'chat.viewers'))).not.toContain(ana);
  });
});

describe('reading by a socket', () => {
  it('marks the messages with the person’s own rights and confirms them', async () => {
    const socket = await connect(here, 'inbox', { sub: user.id });
    socket.say('messages:mark-read', { messageIds: [message.id] });
    await eventually(() => expect(heard(socket, 'messages:marked-read')).toMatchObject([{ messageIds: [message.id] }]));
    const at = here.gateway.fakes.calls.lastIndexOf('POST /messages-read');
    expect(at).toBeGreaterThanOrEqual(0);
    const crm = await connect(here, 'crm', { sub: user.id });
    crm.say('chat.read', { chatId, messageIds: ['no id'] });
    await eventually(() =>
      expect(heard(crm, 'error')).toMatchObject([
        { code: 'validation_failed', event: 'chat.read', details: [{ field: 'messageIds.0' }] },
      ]),
    );
  });
});
