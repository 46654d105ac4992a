import {
  boardCardMoved,
  buildEvent,
  channelCode,
  channelStatus,
  conversationCreated,
  conversationUpdated,
  EDITIONS,
  type Edition,
  type EventData,
  messageCreated,
  messageUpdated,
  notificationCreated,
  type Permission,
  permissionsOf,
  type Role,
  scheduledMessageUpdated,
  uuidv7,
} from '@recado/contracts';
import { eventually } from '@recado/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call } from '../../../tests/support/api.ts';
import { accessToken } from './access-token.ts';
import { NOW, samples } from './samples.ts';
import { connectSocket, type SocketGateway, startSocketGateway, type TestSocket } from './sockets.ts';

// Every kind of caller, with each event, in every dialect, live and replayed. What each frame takes
// is written down here a second time.
type Row = [frame: string, needs: Permission[], whose?: 'own'];

const TABLE: Record<Edition, Row[]> = {
  saas: [
    ['message:new', ['messages.read', 'chats.read']],
    ['message:status-update', ['messages.read']],
    ['instance:status', ['whatsapp.numbers.read']],
    ['instance:status', ['whatsapp.numbers.manage']],
    ['notification', [], 'own'],
  ],
  crm: [
    ['chat.message', ['messages.read', 'chats.read']],
    ['chat.updated', ['messages.read', 'chats.read']],
    ['chat.updated', ['chats.read']],
    ['chat.new', ['chats.read'], 'own'],
    ['chat.new', ['chats.read'], 'own'],
    ['chat.transferred', ['chats.read']],
    ['chat.scheduled_message', ['messages.read', 'chats.read']],
    ['board.card_moved', ['chats.read']],
    ['board.card_moved', ['chats.read', 'contacts.read']],
    ['notification', [], 'own'],
  ],
  bots: [],
  inbox: [
    ['message:new', ['messages.read', 'chats.read']],
    ['conversation:updated', ['chats.read']],
    ['message:status-update', ['messages.read']],
    ['conversation:new', ['chats.read']],
    ['conversation:updated', ['chats.read']],
    ['notification', [], 'own'],
  ],
  scheduler: [
    ['whatsapp_status', ['whatsapp.numbers.read']],
    ['whatsapp_status', ['whatsapp.numbers.manage']],
    ['new_notification', [], 'own'],
  ],
};

/** The routes that show what a frame shows, by the permission they take. */
const ROUTES: Partial<Record<Permission, string>> = {
  'chats.read': '/v1/chats',
  'messages.read': `/v1/chats/${samples.conversation.id}/messages`,
  'whatsapp.numbers.read': '/v1/whatsapp-numbers',
  'whatsapp.numbers.manage': `/v1/whatsapp-numbers/${samples.channel.id}/qr`,
};

interface Actor {
  name: string;
  role: Role;
  perms: Permission[];
  /** The user with the test's notifications and chats. */
  isOwner: boolean;
}

const owner = (name: string, role: Role, perms: Permission[]): Actor => ({ name, role, perms, isOwner: true });
const ACTORS: Actor[] = [
  ...(['admin', 'supervisor', 'agent'] as const).map((role) => owner(role, role, permissionsOf(role))),
  { ...owner('another admin', 'admin', permissionsOf('admin')), isOwner: false },
  owner('a role without permissions', 'agent', []),
  owner('an admin by name alone', 'admin', []),
  ...permissionsOf('admin').map((perm) => owner(`a role of ${perm} alone`, 'agent', [perm])),
  ...(Object.keys(ROUTES) as Permission[]).map((without) =>
    owner(
      `a role without ${without}`,
      'supervisor',
      permissionsOf('admin').filter((perm) => perm !== without),
    ),
  ),
];

const { tenant, user, channel, conversation, message } = samples;
const strangerId = uuidv7();
let server: SocketGateway;
const open: TestSocket[] = [];

beforeAll(async () => {
  server = await startSocketGateway();
});
afterAll(async () => {
  for (const socket of open) socket.close();
  await server?.stop();
});

const tokenOf = ({ role, perms, isOwner }: Actor, aud: Edition) =>
  accessToken(server.gateway.fakes, { aud, role, perms, sub: isOwner ? user.id : strangerId });

async function connect(actor: Actor, edition: Edition, lastEventId?: unknown): Promise<TestSocket> {
  const userId = actor.isOwner ? user.id : strangerId;
  const socket = await connectSocket(server.host, edition, tokenOf(actor, edition), { userId, lastEventId });
  open.push(socket);
  return socket;
}

/** Notifications that only mark an end; the tests do not count them. */
const marks = new Set<string>();
const markOf = ([, { id, notification }]: TestSocket['heard'][number]) =>
  String((notification as Record<string, unknown> | undefined)?.id ?? id);

/**
 * Resolves when everything published before has reached these sockets, or was not for them: what is
 * published now has.
 */
async function catchUp(edition: Edition, sockets: readonly TestSocket[]): Promise<void> {
  if (edition === 'bots') return;
  // The first mark may still be a part of the replay of notifications; the second one comes live,
  // after all of the replay.
  for (const _ of [1, 2]) await hearMark(sockets);
  await Promise.all(sockets.map((socket) => socket.settle()));
}

async function hearMark(sockets: readonly TestSocket[]): Promise<void> {
  const mine = [user.id, strangerId].map((userId) => notificationOf(userId));
  for (const notification of mine) {
    marks.add(notification.id);
    await send(buildEvent(notificationCreated, { tenantId: tenant.id, data: { notification } }));
  }
  const ids = mine.map(({ id }) => id);
  await eventually(() =>
    expect(sockets.every(({ heard }) => heard.some((one) => ids.includes(markOf(one))))).toBe(true),
  );
}

const notificationOf = (userId: string) => ({
  id: uuidv7(),
  userId,
  kind: 'conversation.assigned' as const,
  type: 'info' as const,
  params: {},
  relatedEntityType: 'conversation',
  relatedEntityId: conversation.id,
  isRead: false,
  createdAt: NOW,
});

async function send({ subject, envelope }: ReturnType<typeof buildEvent>): Promise<void> {
  await server.bus.js.publish(subject, JSON.stringify(envelope), { msgID: envelope.id });
}

const SCHEDULED: EventData<typeof scheduledMessageUpdated> = {
  ...{ scheduledId: uuidv7(), conversationId: conversation.id, userId: user.id, sendAt: NOW, messageId: null },
  ...{ status: 'failed', reason: 'outside_window', contactName: 'Ana', assignedUserId: user.id },
};
const MOVED = {
  ...{ boardId: uuidv7(), cardId: conversation.id, stageId: uuidv7(), fromStageId: uuidv7(), byUserId: user.id },
};

async function publish(tenantId = tenant.id): Promise<void> {
  const at = new Date().toISOString();
  const inChat = { id: conversation.id, channelId: channel.id, status: conversation.status, isNew: false };
  const status = { channelId: channel.id, name: 'Ventas', provider: 'meta' as const, phone: null, reason: null, at };
  const notification = notificationOf(user.id);
  const tick = {
    messageId: message.id,
    conversationId: conversation.id,
    channelId: channel.id,
    providerMessageId: null,
    status: 'read' as const,
    previousStatus: 'sent' as const,
    direction: 'outbound' as const,
    author: 'user' as const,
    at,
    error: null,
  };
  const transfer = { fromUserId: strangerId, fromCampaignId: null, reason: 'Vacaciones', byUserId: null };
  const events = [
    buildEvent(channelStatus, { tenantId, data: { ...status, status: 'error' } }),
    buildEvent(channelCode, {
      tenantId,
      data: { ...status, code: { qr: 'data:x', pairingCode: null, expiresAt: at } },
    }),
    buildEvent(notificationCreated, { tenantId, data: { notification } }),
    buildEvent(messageCreated, {
      tenantId,
      data: {
        message: { ...message, id: uuidv7(), direction: 'inbound', author: 'contact', userId: null, sentTime: at },
        conversation: { ...inChat, assignedUserId: user.id },
        contact: conversation.contact,
      },
    }),
    buildEvent(messageUpdated, { tenantId, data: tick }),
    buildEvent(conversationCreated, { tenantId, data: { conversation } }),
    buildEvent(conversationUpdated, { tenantId, data: { conversation, changed: ['assignedUserId'], transfer } }),
    buildEvent(scheduledMessageUpdated, { tenantId, data: SCHEDULED }),
    buildEvent(boardCardMoved, { tenantId, data: { ...MOVED, kind: 'campaign' } }),
    buildEvent(boardCardMoved, { tenantId, data: { ...MOVED, kind: 'lead_status' } }),
  ];
  for (const event of events) await send(event);
}

const names = (heard: TestSocket['heard']) =>
  heard.filter((one) => !one[0].startsWith('session') && !marks.has(markOf(one))).map(([name]) => name);

const framesOf = ({ perms, isOwner }: Actor, edition: Edition): string[] =>
  TABLE[edition]
    .filter(([, needs, whose]) => needs.every((need) => perms.includes(need)) && (isOwner || whose !== 'own'))
    .map(([name]) => name);

/** What a client gets that connects: the states of channels. */
const greetingOf = ({ perms }: Actor, edition: Edition): string[] =>
  TABLE[edition].filter(([, [need]]) => need === 'whatsapp.numbers.read' && perms.includes(need)).map(([name]) => name);

describe.each(EDITIONS)('sockets of %s', (edition) => {
  it('show each role what its permissions show, live and replayed alike', async () => {
    const sockets = await Promise.all(ACTORS.map((actor) => connect(actor, edition)));
    await catchUp(edition, sockets);
    const heardBy = (all: TestSocket[]) => ACTORS.map(({ name }, i) => [name, names(all[i]!.heard).sort()]);
    expect(heardBy(sockets)).toEqual(ACTORS.map((actor) => [actor.name, greetingOf(actor, edition)]));

    for (const { heard } of sockets) heard.length = 0;
    await publish();
    await publish(uuidv7());
    const admin = sockets[0]!;
    // The streams are read side by side: first all of it must have arrived.
    await eventually(() => expect(names(admin.heard).sort()).toEqual(framesOf(ACTORS[0]!, edition).sort()));
    await catchUp(edition, sockets);
    expect(heardBy(sockets)).toEqual(ACTORS.map((actor) => [actor.name, framesOf(actor, edition).sort()]));

    const again = await Promise.all(ACTORS.map((actor, i) => connect(actor, edition, sockets[i]!.ready.eventId)));
    for (const { ready } of again) expect(ready.resumed).toBe(true);
    await eventually(() =>
      expect(names(again[0]!.heard).length).toBeGreaterThanOrEqual(framesOf(ACTORS[0]!, edition).length),
    );
    await catchUp(edition, again);
    const missed = ACTORS.map((actor) => [...framesOf(actor, edition), ...greetingOf(actor, edition)].sort());
    expect(heardBy(again)).toEqual(ACTORS.map(({ name }, i) => [name, missed[i]]));

    // A client that got all of it, live or replayed, misses nothing.
    for (const socket of [admin, again[0]!]) {
      const last = socket.heard.at(-1)?.[1].eventId ?? socket.ready.eventId;
      const next = await connect(ACTORS[0]!, edition, last);
      await catchUp(edition, [next]);
      expect(names(next.heard)).toEqual(greetingOf(ACTORS[0]!, edition));
    }
  });

  it('accept no API key', async () => {
    const key = 'rcd_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa';
    const holder = { apiKeyId: uuidv7(), tenantId: tenant.id, permissions: permissionsOf('admin'), expiresAt: null };
    server.gateway.fakes.apiKeys.set(key, holder);
    const refused = await connectSocket(server.host, edition, key, { userId: user.id }).catch((error: Error) => error);
    expect((refused as Error).message).toMatch(/unauthorized|4401/);
  });

  it('answer `error` to events that they do not know', async () => {
    const socket = await connect(ACTORS[0]!, edition);
    socket.say('no.such.event', { a: 1 });
    const said = () => socket.heard.find(([name]) => name === 'error')?.[1];
    await eventually(() => expect(said()).toMatchObject({ code: 'not_found', event: 'no.such.event' }));
    expect(said()!.message).toMatch(/^(El evento no existe|O evento não existe)$/);
  });
});

describe('a permission', () => {
  it('opens frames and the routes that show the same to the same roles', async () => {
    for (const actor of ACTORS) {
      for (const [permission, path] of Object.entries(ROUTES)) {
        const { status } = await call(`http://${server.host}`, 'GET', path, { token: tokenOf(actor, 'crm') });
        const opens = actor.perms.includes(permission as Permission);
        expect([actor.name, path, status]).toEqual([actor.name, path, opens ? 200 : 403]);
      }
    }
  });
});

describe('joining a conversation', () => {
  const [admin] = ACTORS;
  const withoutChats = ACTORS.find(({ name }) => name === 'a role without chats.read')!;

  async function join(actor: Actor, id: unknown): Promise<TestSocket['heard']> {
    const socket = await connect(actor, 'inbox');
    socket.say('conversation:join', id);
    await eventually(() => expect(names(socket.heard).length).toBeGreaterThan(0));
    await socket.settle();
    return socket.heard.filter(([name]) => !name.startsWith('session:'));
  }

  it('is confirmed for one that the client may see', async () => {
    // Who has it open follows by itself.
    const [confirmed] = await join(admin!, conversation.id);
    expect(confirmed).toEqual(['conversation:joined', { conversationId: conversation.id }]);
  });

  it('is refused for one that is unknown or another tenant’s', async () => {
    const id = uuidv7();
    expect(await join(admin!, id)).toEqual([
      [
        'error',
        { message: 'Conversa não encontrada', code: 'not_found', event: 'conversation:join', conversationId: id },
      ],
    ]);
  });

  it('is refused to a role that may not read chats', async () => {
    const [first] = await join(withoutChats, conversation.id);
    expect(first![0]).toBe('error');
  });

  it('is refused for an invalid id', async () => {
    const [[name, payload]] = (await join(admin!, 7)) as [TestSocket['heard'][number]];
    expect([name, payload.message]).toEqual(['error', 'O identificador da conversa é inválido']);
  });
});

describe('live events', () => {
  it('tell crm of cards and scheduled messages as documented, and no other dialect', async () => {
    const sockets = await Promise.all(
      (['crm', 'saas', 'inbox', 'scheduler'] as const).map((edition) => connect(ACTORS[0]!, edition)),
    );
    const [crm, ...others] = sockets as [TestSocket, ...TestSocket[]];
    await publish();
    await eventually(() => expect(names(crm.heard).filter((name) => name === 'board.card_moved')).toHaveLength(2));
    await Promise.all(sockets.map((socket) => socket.settle()));
    const { boardId, cardId, stageId, fromStageId } = MOVED;
    const told = (name: string) => crm.heard.find(([heard]) => heard === name)![1];
    expect(told('board.card_moved')).toMatchObject({
      ...{ boardId, cardId, stageId, fromStageId },
      moved_by: { id: user.id, first_name: user.firstName },
    });
    const { scheduledId, conversationId } = SCHEDULED;
    expect(told('chat.scheduled_message')).toMatchObject({
      chatId: conversationId,
      scheduled_message: { id: scheduledId, send_at: NOW, status: 'failed', message_id: null },
    });
    for (const { heard } of others) expect(JSON.stringify(heard)).not.toMatch(/card|scheduled/);
  });

  it('send inbox every message, also inbound ones, with the conversation as its list shows it', async () => {
    const socket = await connect(ACTORS[0]!, 'inbox');
    await publish();
    await eventually(() => expect(names(socket.heard)).toContain('message:new'));
    await socket.settle();
    const [, created] = socket.heard.find(([name]) => name === 'message:new')!;
    const [, updated] = socket.heard.find(([name]) => name === 'conversation:updated')!;
    const { id, content, timestamp } = created.message as Record<string, string>;
    expect(updated).toMatchObject({
      conversationId: conversation.id,
      lastMessage: { id, content, direction: 'INBOUND', type: 'TEXT', timestamp },
      lastMessageAt: timestamp,
    });
  });

  it('carry the whole chat in crm, for ticks as well', async () => {
    const socket = await connect(ACTORS[0]!, 'crm');
    const { body } = await call<{ data: Record<string, unknown>[] }>(`http://${server.host}`, 'GET', '/v1/chats', {
      token: tokenOf(ACTORS[0]!, 'crm'),
    });
    const [shown] = body.data;
    await publish();
    await eventually(() => expect(names(socket.heard).filter((name) => name === 'chat.updated')).toHaveLength(2));
    const updates = socket.heard.filter(([name]) => name === 'chat.updated').map(([, payload]) => payload);
    expect(updates[0]).toMatchObject({ message: { id: message.id, status: 'read' } });
    for (const { chat } of updates) expect(chat).toEqual(shown);
  });
});
