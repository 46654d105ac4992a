import { describe, expect, it } from 'vitest';
import { isShown } from './blocked.ts';
import type { RealtimeEvent } from './types.ts';

const BLOCKED = '2026-11-30T10:00:00.000Z';
const chat = (blockedAt: string | null) => ({ id: 'c', contact: { id: 'k', blockedAt } });
const events: [string, string, object, boolean][] = [
  ['a message of a blocked contact', 'message.created', { contact: { isBlocked: true } }, false],
  ['a message of any other contact', 'message.created', { contact: {} }, true],
  ['a new chat of a blocked contact', 'conversation.created', { conversation: chat(BLOCKED) }, false],
  ['a new chat of any other contact', 'conversation.created', { conversation: chat(null) }, true],
  ['a change of a blocked chat', 'conversation.updated', { conversation: chat(BLOCKED), changed: ['status'] }, false],
  ['that a chat leaves', 'conversation.updated', { conversation: chat(BLOCKED), changed: ['blocked'] }, true],
  ['that a chat is back', 'conversation.updated', { conversation: chat(null), changed: ['blocked'] }, true],
  ['an edit by a blocked contact', 'message.updated', { conversationId: 'blocked', change: { content: 'x' } }, false],
  ['an edit by any other contact', 'message.updated', { conversationId: 'other', change: { content: 'x' } }, true],
  ['an edit in a chat that cannot be had', 'message.updated', { conversationId: 'none', change: {} }, true],
  ['a status in a blocked chat', 'message.updated', { conversationId: 'blocked', change: null }, true],
];
const known = new Map(Object.entries({ blocked: chat(BLOCKED), other: chat(null) }));
const lookups = { conversations: async () => known as never };

describe('sockets', () => {
  it.each(events)('%s (%s): shown or not', async (_title, name, data, shown) => {
    expect(await isShown({ name, data, tenantId: 't' } as unknown as RealtimeEvent, lookups)).toBe(shown);
  });
});
