import { type Message, messageCreated, uuidv7 } from '@recado/contracts';
import { META_MESSAGES } from '@recado/testkit/meta-messages';
import { describe, expect, it } from 'vitest';
import { dialects } from './dialects.ts';
import type { Lookups, RealtimeEvent } from './types.ts';

const NOW = '2026-01-15T10:00:00.000Z';
const lookups: Lookups = {
  users: async () => new Map(),
  channels: async () => new Map(),
  campaigns: async () => new Map(),
  conversations: async () => new Map(),
};
const base: Message = {
  id: uuidv7(),
  conversationId: uuidv7(),
  channelId: uuidv7(),
  direction: 'inbound',
  type: 'text',
  content: '',
  metadata: null,
  status: 'delivered',
  providerMessageId: 'wamid.1',
  author: 'contact',
  userId: null,
  aiModel: null,
  error: null,
  sentTime: NOW,
  sentAt: null,
  deliveredAt: null,
  readAt: null,
  createdAt: NOW,
};

type Name = 'crm' | 'saas' | 'inbox';
const frames = async (edition: Name, event: object) =>
  dialects[edition]!.frames({ tenantId: uuidv7(), id: uuidv7(), time: NOW, ...event } as RealtimeEvent, lookups);

/** The message that an edition's sockets show of a new one. */
async function shown(edition: Name, given: Partial<Message>) {
  const message = { ...base, ...given };
  const conversation = { id: base.conversationId, channelId: base.channelId, status: 'new', assignedUserId: null };
  const contact = { id: uuidv7(), name: 'Ana', phone: '+51999888777' };
  const data = messageCreated.data.parse({ message, conversation: { ...conversation, isNew: true }, contact });
  const all = await frames(edition, { name: 'message.created', data });
  return all.at(-1)!.payload.message as Record<string, unknown> & { content: string };
}

/** Values that stand in an object at any depth. */
function leavesOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [JSON.stringify(value)];
  return Object.values(value).flatMap(leavesOf);
}

describe.each(['crm', 'saas', 'inbox'] as const)('a message in %s', (edition) => {
  it.each(META_MESSAGES)('shows all of $name, and a line to read', async ({ type, content, details }) => {
    const view = await shown(edition, { type, content, details });
    const { raw: _, ...parts } = details ?? {};
    const told = JSON.stringify(view);
    for (const leaf of leavesOf(parts)) expect(told).toContain(leaf);
    for (const part of Object.keys(parts)) {
      expect(view).toHaveProperty(edition === 'crm' && part === 'callPermission' ? 'call_permission' : part);
    }
    expect(view.content).not.toBe('');
    if (content !== '') expect(view.content).toBe(content);
  });

  it('that failed shows why and what to do, also when its status changes', async () => {
    const error = { code: '131047', message: 'Too late' };
    const expected = { code: '131047', message: expect.any(String), hint: expect.any(String), detail: 'Too late' };
    expect(await shown(edition, { direction: 'outbound', content: 'Hola', status: 'failed', error })).toMatchObject({
      error: expected,
    });
    const changed = { conversationId: base.conversationId, messageId: base.id, channelId: base.channelId };
    const [frame] = await frames(edition, { name: 'message.updated', data: { ...changed, status: 'failed', error } });
    const payload = frame!.payload as { error?: unknown; message?: { error?: unknown } };
    expect(edition === 'crm' ? payload.message?.error : payload.error).toEqual(expected);
  });
});

it("a line of ours is in the edition's language", async () => {
  const voice = { type: 'audio' as const, details: { media: { voice: true } } };
  const lines = await Promise.all((['crm', 'saas', 'inbox'] as const).map((edition) => shown(edition, voice)));
  expect(lines.map(({ content }) => content)).toEqual(['Mensaje de voz', 'Mensaje de voz', 'Mensagem de voz']);
});
