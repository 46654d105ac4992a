import { EDITIONS, NOTIFICATION_KINDS, type Notification, type NotificationKind, uuidv7 } from '@recado/contracts';
import { describe, expect, it } from 'vitest';
import { spanish } from '../languages/es.ts';
import { portuguese } from '../languages/pt.ts';
import { dialects } from './dialects.ts';
import { createHub } from './hub/hub.ts';
import type { RealtimeEvent, RealtimeSession } from './types.ts';

const tenantId = uuidv7();
const notification: Notification = {
  id: uuidv7(),
  userId: uuidv7(),
  kind: 'conversation.assigned',
  type: 'info',
  params: { contactName: 'Carlos' },
  relatedEntityType: 'conversation',
  relatedEntityId: uuidv7(),
  isRead: false,
  createdAt: '2026-01-15T10:00:00.000Z',
};
const event = {
  name: 'notification.created',
  data: { notification },
  id: uuidv7(),
  tenantId,
  time: notification.createdAt,
  stream: 'notifications',
  cursor: null,
  republished: false,
  known: false,
} as RealtimeEvent;

const nothing = async () => new Map();

type Heard = [name: string, payload: Record<string, unknown>];

async function heardBy(edition: RealtimeSession['edition'], userId: string): Promise<Heard[]> {
  const heard: Heard[] = [];
  const hub = createHub({
    dialects,
    lookups: { users: nothing, channels: nothing, campaigns: nothing, conversations: nothing },
  });
  const session: RealtimeSession = {
    id: uuidv7(),
    tenantId,
    userId,
    sessionId: uuidv7(),
    edition,
    caller: { tenantId, userId, role: 'agent', permissions: [], edition, service: 'gateway' },
    since: 0,
    send: (name, payload) => heard.push([name, payload]),
    close: () => undefined,
    isBehind: () => false,
  };
  hub.add(session);
  await hub.goLive(session, { main: { generation: 'x', seq: 0 } });
  await hub.dispatch([event]);
  return heard;
}

describe('a notification on sockets', () => {
  it.each(EDITIONS)('reaches no other user’s socket, in %s', async (edition) => {
    expect(await heardBy(edition, uuidv7())).toEqual([]);
  });

  it('has the fields of each dialect', async () => {
    const { userId, id, relatedEntityId } = notification;
    expect(await heardBy('crm', userId)).toEqual([
      [
        'notification',
        expect.objectContaining({
          id,
          type: 'info',
          title: 'Nueva conversación asignada',
          message: 'Te asignaron la conversación con Carlos',
          is_read: false,
          related_entity_type: 'Chat',
          related_entity_id: relatedEntityId,
          eventId: null,
        }),
      ],
    ]);
    expect(await heardBy('inbox', userId)).toEqual([
      [
        'notification',
        expect.objectContaining({
          id,
          type: 'INFO',
          title: 'Nova conversa atribuída',
          message: 'A conversa com Carlos foi atribuída a você',
          relatedEntityId,
        }),
      ],
    ]);
    expect(await heardBy('saas', userId)).toEqual([
      ['notification', expect.objectContaining({ id, title: 'Nueva conversación asignada' })],
    ]);
  });
});

describe.each([spanish, portuguese])('the texts of notifications in $tag', ({ notifications }) => {
  it.each(Object.keys(NOTIFICATION_KINDS) as NotificationKind[])('%s reads well without some of its params', (kind) => {
    const full = { name: 'Ventas', phone: '+51999123456', contactName: 'Carlos', title: 'Llamar', sent: 1, total: 2 };
    for (const params of [{}, full, Object.fromEntries(Object.keys(full).map((key) => [key, null]))]) {
      const { title, message } = notifications[kind](params);
      expect(`${title}. ${message}`).not.toMatch(/undefined|null|""|\(\)| {2}/);
      expect([title.length > 5, message.length > 5]).toEqual([true, true]);
    }
  });
});
