import { type Conversation, uuidv7 } from '@recado/contracts';
import { describe, expect, it } from 'vitest';
import type { Client, Lookups, RealtimeEvent, RealtimeSession } from '../../realtime/types.ts';
import { realtime } from './realtime.ts';

/** A client that may see one conversation, and what came of an event of its. */
async function say(visible: string, name: string, payload: unknown) {
  const came = { joined: [] as string[], sent: [] as string[], typing: [] as unknown[], read: [] as string[] };
  const client: Client = {
    session: {} as RealtimeSession,
    send: (event) => void came.sent.push(event),
    maySee: async (id) => id === visible,
    join: (id) => void came.joined.push(id),
    leave: () => undefined,
    hasJoined: (id) => came.joined.includes(id),
    tellTyping: (id, isTyping) => void came.typing.push([id, isTyping]),
    markRead: async (ids) => void came.read.push(...ids),
  };
  // A refusal may be sent or thrown: the server turns the second into the first.
  await Promise.resolve(realtime.clientEvents?.[name]?.(client, payload)).catch(() => came.sent.push('error'));
  return came;
}

const NOTHING = { joined: [], sent: ['error'], typing: [], read: [] };
const id = uuidv7();

describe('joining a conversation', () => {
  it('is confirmed for one that the client may see', async () => {
    expect(await say(id, 'conversation:join', id)).toMatchObject({ joined: [id], sent: ['conversation:joined'] });
  });

  it('is refused for one that the client may not see', async () => {
    expect(await say(uuidv7(), 'conversation:join', uuidv7())).toEqual(NOTHING);
  });
});

describe('typing', () => {
  it('is told in a conversation that the client may see', async () => {
    const typing = { conversationId: id, isTyping: true };
    expect(await say(id, 'conversation:typing', typing)).toMatchObject({ typing: [[id, true]], sent: [] });
  });

  it.each([
    ['in a conversation that the client may not see', { conversationId: uuidv7(), isTyping: true }],
    ['without saying whether', { conversationId: id }],
    ['in what is no conversation', { conversationId: 7, isTyping: true }],
  ])('is refused %s', async (_why, payload) => {
    expect(await say(id, 'conversation:typing', payload)).toEqual(NOTHING);
  });
});

describe('marking messages as read', () => {
  it('is confirmed with their ids', async () => {
    expect(await say(id, 'messages:mark-read', { messageIds: [id] })).toMatchObject({
      read: [id],
      sent: ['messages:marked-read'],
    });
  });

  it.each([[{ messageIds: [] }], [{ messageIds: ['x'] }], [{ messageIds: Array(101).fill(id) }], [{}], [null]])(
    'is refused for %j',
    async (payload) => {
      expect(await say(id, 'messages:mark-read', payload)).toEqual(NOTHING);
    },
  );
});

describe('a changed conversation', () => {
  const at = '2026-01-15T10:00:00.000Z';
  const conversation: Conversation = {
    ...{ id, channelId: id, status: 'active', archived: false, priority: 'normal', assignedUserId: null },
    ...{ campaignId: null, unreadCount: 0, messageCount: 1, lastMessage: null, lastMessageAt: null },
    ...{ lastInboundAt: null, assignedAt: null, firstResponseAt: null, closedAt: null, createdAt: at, updatedAt: at },
    contact: { id, name: 'Ana', phone: '+5511977770001', email: null, avatarUrl: null, createdAt: at },
  };
  const lookups: Lookups = {
    users: async () => new Map(),
    channels: async () => new Map(),
    campaigns: async () => new Map(),
    conversations: async () => new Map(),
  };

  it.each([
    ['with its tags tells them', [{ id, name: 'VIP', color: '#1565C0' }]],
    ['whose last tag was taken off tells that', []],
    ['without its tags tells nothing of them', undefined],
  ])('%s', async (_what, tags) => {
    const data = { conversation: { ...conversation, ...(tags && { tags }) }, changed: ['status'] };
    const event = { name: 'conversation.updated', tenantId: id, data } as unknown as RealtimeEvent;
    const [frame] = await realtime.frames(event, lookups);
    const told = JSON.parse(JSON.stringify(frame!.payload)) as { updates: { tags?: unknown } };
    expect(told.updates.tags).toEqual(tags);
  });
});
