import {
  type BuiltEvent,
  backupFinished,
  broadcastFinished,
  buildEvent,
  type Conversation,
  channelStatus,
  conversationUpdated,
  type EventData,
  identityApi,
  type Notification,
  type Session,
  slaBreached,
  slaWarned,
  taskDeleted,
  taskDue,
  taskReminded,
  uuidv7,
} from '@recado/contracts';
import { type Bus, connectBus } from '@recado/messaging';
import { eventually, testLogger } from '@recado/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keyOf, type People, peopleOf } from './people.ts';
import { call, callerOf, type Running, startForTest } from './support.ts';

let running: Running;
let people: People;
let bus: Bus;
beforeAll(async () => {
  running = await startForTest();
  people = peopleOf(running);
  bus = await connectBus({ url: running.natsUrl, name: 'test', log: testLogger() });
  await Promise.all((['channel-connector', 'conversation', 'scheduler'] as const).map((one) => bus.ensureStream(one)));
});
afterAll(async () => {
  await bus.close();
  await people.sql.end();
  await running.stop();
});

/**
 * What the relay of another service does. `msgID` differs, as after JetStream forgot: the broker's
 * deduplication is not what counts.
 */
const publish = ({ subject, envelope }: BuiltEvent) =>
  bus.js.publish(subject, JSON.stringify(envelope), { msgID: `${envelope.id} ${uuidv7()}` });

const list = (by: Session, query: Record<string, string> = {}) =>
  call(running, identityApi.listNotifications, { query, caller: callerOf(by) });
const unread = async (by: Session): Promise<number> =>
  (await call(running, identityApi.countUnreadNotifications, { caller: callerOf(by) })).body.count;
const kinds = async (by: Session): Promise<string[]> =>
  (await list(by)).body.items.map((item: Notification) => item.kind).reverse();
const read = (by: Session, notificationId: string) =>
  call(running, identityApi.markNotificationRead, { params: { notificationId }, caller: callerOf(by) });
const remove = (by: Session, notificationId: string) =>
  call(running, identityApi.deleteNotification, { params: { notificationId }, caller: callerOf(by) });

/** A company with an admin, a supervisor and an agent, and what its other services tell. */
async function company() {
  const admin = await people.register({ plan: 'enterprise' });
  const [supervisor, agent] = await Promise.all([
    people.join(admin, { role: 'supervisor' }),
    people.join(admin, { role: 'agent' }),
  ]);
  const tenantId = admin.tenant.id;
  const tell = <C extends Parameters<typeof buildEvent>[0]>(contract: C, data: EventData<C>) =>
    buildEvent(contract, { tenantId, data });
  let minute = 0;
  const channel = (channelId: string, status: EventData<typeof channelStatus>['status'], at?: string) =>
    tell(channelStatus, {
      channelId,
      name: 'Ventas Lima',
      provider: 'meta',
      phone: '+51999888777',
      status,
      reason: status === 'error' ? 'token expired' : null,
      at: at ?? new Date(Date.UTC(2026, 0, 1, 0, minute++)).toISOString(),
    });
  const assigned = (
    assignedUserId: string | null,
    changed = ['assignedUserId', 'status'],
    name: string | null = 'Rosa',
  ) => tell(conversationUpdated, { conversation: conversationOf(assignedUserId, name), changed });
  /** Until everything published so far was taken: an assignment after it has arrived. */
  async function settled(): Promise<void> {
    await eventually(async () => {
      const streams = ['RECADO_CHANNEL_CONNECTOR', 'RECADO_CONVERSATION', 'RECADO_SCHEDULER'];
      for (const stream of streams) {
        for await (const info of bus.jsm.consumers.list(stream)) {
          expect(info.num_pending + info.num_ack_pending).toBe(0);
        }
      }
    });
  }
  return { admin, supervisor, agent, tenantId, tell, channel, assigned, settled };
}

function conversationOf(assignedUserId: string | null, name: string | null): Conversation {
  const now = new Date().toISOString();
  const contact = { id: uuidv7(), name, phone: '+51911222333', email: null, avatarUrl: null, createdAt: now };
  return {
    id: uuidv7(),
    channelId: uuidv7(),
    contact,
    status: 'assigned',
    archived: false,
    priority: 'normal',
    assignedUserId,
    campaignId: null,
    unreadCount: 0,
    messageCount: 1,
    lastMessage: null,
    lastMessageAt: now,
    lastInboundAt: now,
    assignedAt: now,
    firstResponseAt: null,
    closedAt: null,
    createdAt: now,
    updatedAt: now,
  };
}

describe('a channel', () => {
  it('that is lost and back notifies admins and supervisors, each once', async () => {
    const { admin, supervisor, agent, channel, settled, tenantId } = await company();
    const id = uuidv7();
    for (const status of ['disconnected', 'qr', 'connected', 'error', 'error', 'disconnected', 'connected'] as const) {
      await publish(channel(id, status));
    }
    await eventually(async () => expect(await kinds(admin)).toEqual(['channel.lost', 'channel.restored']));
    expect(await kinds(supervisor)).toEqual(['channel.lost', 'channel.restored']);
    await settled();
    expect(await kinds(agent)).toEqual([]);
    const { body } = await list(admin);
    expect(body.items[1]).toMatchObject({
      userId: admin.user.id,
      type: 'error',
      params: { name: 'Ventas Lima', phone: '+51999888777', reason: 'token expired' },
      relatedEntityType: 'channel',
      relatedEntityId: id,
      isRead: false,
    });
    const told = await people.events<{ notification: Notification }>(tenantId, 'notification.created');
    expect(told).toHaveLength(4);
    expect(told.map(({ data }) => data.notification)).toEqual(expect.arrayContaining(body.items));
  });

  it('with repeated, late and reordered events notifies no more', async () => {
    const { admin, channel, settled } = await company();
    const id = uuidv7();
    const events = (['connected', 'error', 'connected', 'disconnected'] as const).map((status) => channel(id, status));
    for (const event of events) await publish(event);
    await eventually(async () => expect(await kinds(admin)).toHaveLength(3));
    for (const event of [...events].reverse()) await publish(event);
    // Another event of an earlier moment.
    await publish(channel(id, 'connected', '2025-01-01T00:00:00.000Z'));
    await settled();
    expect(await kinds(admin)).toEqual(['channel.lost', 'channel.restored', 'channel.lost']);
  });
});

describe('a conversation', () => {
  it('notifies its new assignee, and no other user', async () => {
    const { admin, agent, assigned, settled } = await company();
    const event = assigned(agent.user.id);
    await publish(event);
    await publish(assigned(agent.user.id, ['status', 'unreadCount']));
    await publish(assigned(null));
    await publish(assigned(uuidv7()));
    await eventually(async () => expect(await kinds(agent)).toEqual(['conversation.assigned']));
    await settled();
    expect((await list(agent)).body).toMatchObject({
      total: 1,
      unread: 1,
      items: [{ params: { contactName: 'Rosa' }, relatedEntityType: 'conversation', type: 'info' }],
    });
    expect(await kinds(admin)).toEqual([]);
  });

  it('of a contact without a name is shown by the phone, and odd names do no harm', async () => {
    const { agent, assigned } = await company();
    await publish(assigned(agent.user.id, ['assignedUserId'], null));
    await publish(assigned(agent.user.id, ['assignedUserId'], `Ana\ud800${'x'.repeat(600)}`));
    await eventually(async () => expect((await list(agent)).body.total).toBe(2));
    const names = (await list(agent)).body.items.map((item: Notification) => item.params.contactName);
    expect(names).toContain('+51911222333');
    expect(names).toContain(`Ana\ufffd${'x'.repeat(496)}`);
  });
});

it('a target warns the agent, else the supervisors, and tells both when it is missed', async () => {
  const { supervisor, agent, tell, settled } = await company();
  const sla = (assignedUserId: string | null) => ({
    ...{ conversationId: uuidv7(), channelId: uuidv7(), campaignId: uuidv7(), assignedUserId },
    contact: { id: uuidv7(), name: 'Rosa', phone: '+51911222333' },
    ...{ target: 'first_response' as const, dueAt: '2026-11-30T12:00:00.000Z' },
  });
  for (const who of [agent.user.id, null]) {
    await publish(tell(slaWarned, sla(who)));
    await publish(tell(slaBreached, sla(who)));
  }
  await settled();
  expect((await kinds(agent)).toSorted()).toEqual(['sla.breached', 'sla.warned']);
  expect((await kinds(supervisor)).toSorted()).toEqual(['sla.breached', 'sla.breached', 'sla.warned']);
  const [one] = (await list(agent)).body.items;
  expect(one!.params).toMatchObject({ contactName: 'Rosa', target: 'first_response' });
});

describe('a broadcast, a task, a backup', () => {
  const broadcast = (createdBy: string | null, status: 'sent' | 'failed' | 'cancelled') => ({
    broadcastId: uuidv7(),
    name: 'Oferta',
    createdBy,
    status,
    total: 10,
    sent: 9,
    failed: 1,
    at: new Date().toISOString(),
  });

  it('notifies its maker, or admins when there is none or they are gone', async () => {
    const { admin, supervisor, agent, tell, settled } = await company();
    const { body: gone } = await people.create(admin);
    await people.remove(admin, gone.id);
    await publish(tell(broadcastFinished, broadcast(agent.user.id, 'sent')));
    await publish(tell(broadcastFinished, broadcast(agent.user.id, 'failed')));
    await publish(tell(broadcastFinished, broadcast(agent.user.id, 'cancelled')));
    await publish(tell(broadcastFinished, broadcast(null, 'failed')));
    await publish(tell(broadcastFinished, broadcast(gone.id, 'sent')));
    await eventually(async () => expect(await kinds(admin)).toEqual(['broadcast.failed', 'broadcast.finished']));
    await settled();
    expect(await kinds(agent)).toEqual(['broadcast.finished', 'broadcast.failed']);
    expect(await kinds(supervisor)).toEqual([]);
    expect((await list(agent)).body.items[0]).toMatchObject({
      params: { name: 'Oferta', total: 10, sent: 9, failed: 1 },
      relatedEntityType: 'broadcast',
    });
  });

  it('that fell due notifies its assignee, else its maker', async () => {
    const { admin, supervisor, agent, tell } = await company();
    const task = (assignedUserId: string | null, createdBy: string | null) => ({
      taskId: uuidv7(),
      title: 'Llamar',
      assignedUserId,
      createdBy,
      dueAt: '2026-11-21T15:00:00.000Z',
    });
    await publish(tell(taskDue, task(agent.user.id, supervisor.user.id)));
    await publish(tell(taskDue, task(null, supervisor.user.id)));
    await publish(tell(taskDue, task(null, null)));
    await eventually(async () => {
      expect((await list(agent)).body.items).toMatchObject([
        { kind: 'task.due', type: 'warning', params: { title: 'Llamar', dueAt: '2026-11-21T15:00:00.000Z' } },
      ]);
      expect(await kinds(supervisor)).toEqual(['task.due']);
    });
    expect(await kinds(admin)).toEqual([]);
  });

  it('reminds its assignee, and once it is deleted nothing of its title is left', async () => {
    const { agent, tell } = await company();
    const taskId = uuidv7();
    const task = { taskId, title: 'Deuda de Luz', assignedUserId: agent.user.id, createdBy: null, dueAt: null };
    await publish(tell(taskReminded, { ...task, reminderAt: '2026-11-21T15:00:00.000Z' }));
    await eventually(async () => {
      expect((await list(agent)).body.items).toMatchObject([
        { kind: 'task.reminder', type: 'info', params: { title: 'Deuda de Luz' }, relatedEntityId: taskId },
      ]);
    });
    await publish(tell(taskDeleted, { taskId, contactId: null }));
    await eventually(async () => expect(await kinds(agent)).toEqual([]));
    const left = await people.sql`
      select params from identity.notifications where related_entity_id = ${taskId}`;
    expect([...left]).toEqual([{ params: {} }]);
  });

  it('notifies the user who asked for it, else the admins, also when it failed', async () => {
    const { admin, agent, tell } = await company();
    const backup = { backupId: uuidv7(), sizeBytes: 1024, reason: null, at: new Date().toISOString() };
    await publish(tell(backupFinished, { ...backup, requestedBy: null, status: 'completed' }));
    await publish(
      tell(backupFinished, { ...backup, requestedBy: agent.user.id, status: 'failed', reason: 'disk full' }),
    );
    await eventually(async () => {
      expect((await list(admin)).body.items).toMatchObject([{ kind: 'backup.finished', params: { sizeBytes: 1024 } }]);
      expect((await list(agent)).body.items).toMatchObject([
        { kind: 'backup.failed', params: { reason: 'disk full' } },
      ]);
    });
  });
});

describe('notifications', () => {
  it('come once for any number of events, also after one was removed', async () => {
    const { agent, assigned, settled, tenantId } = await company();
    const event = assigned(agent.user.id);
    await Promise.all(Array.from({ length: 20 }, () => publish(event)));
    await eventually(async () => expect(await kinds(agent)).toHaveLength(1));
    await settled();
    expect(await kinds(agent)).toHaveLength(1);
    expect(await people.events(tenantId, 'notification.created')).toHaveLength(1);
    const [{ id }] = (await list(agent)).body.items;
    expect(await remove(agent, id)).toMatchObject({ status: 204 });
    await publish(event);
    await settled();
    expect((await list(agent)).body).toEqual({ items: [], total: 0, unread: 0, nextCursor: null });
  });

  it('are marked, counted, filtered, paged and removed by their user', async () => {
    const { admin, agent, assigned } = await company();
    for (let i = 0; i < 5; i++) await publish(assigned(agent.user.id));
    await eventually(async () => expect(await unread(agent)).toBe(5));
    const { items } = (await list(agent)).body as { items: Notification[] };
    const times = items.map(({ createdAt, id }) => `${createdAt} ${id}`);
    expect(times).toEqual([...times].sort().reverse());
    const first = items[0]!;
    expect(await read(agent, first.id)).toMatchObject({ status: 200, body: { id: first.id, isRead: true } });
    expect(await read(agent, first.id)).toMatchObject({ status: 200, body: { isRead: true } });
    expect(await unread(agent)).toBe(4);
    expect((await list(agent, { read: 'true' })).body).toMatchObject({
      total: 1,
      unread: 4,
      items: [{ id: first.id }],
    });
    expect((await list(agent, { read: 'false', limit: '3', page: '2' })).body).toMatchObject({ total: 4, unread: 4 });
    expect((await list(agent, { read: 'false', limit: '3', page: '2' })).body.items).toHaveLength(1);
    expect(await remove(agent, items[1]!.id)).toMatchObject({ status: 204 });
    expect(await unread(agent)).toBe(3);

    // Another person's, another tenant's, a removed one and none are the same.
    const stranger = await people.register();
    const answers = await Promise.all([
      read(admin, first.id),
      remove(admin, first.id),
      read(stranger, first.id),
      remove(stranger, first.id),
      read(agent, items[1]!.id),
      remove(agent, items[1]!.id),
      read(agent, uuidv7()),
    ]);
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(answers[0]).toMatchObject({ status: 404, body: { error: { entity: 'notification' } } });
    expect(await call(running, identityApi.listNotifications, { caller: keyOf(admin, ['users.read']) })).toMatchObject({
      status: 403,
    });
  });

  it('older than 90 days go when new ones come', async () => {
    const { agent, assigned, tenantId } = await company();
    await publish(assigned(agent.user.id));
    await eventually(async () => expect(await unread(agent)).toBe(1));
    await people.sql`update identity.notifications set created_at = now() - interval '91 days' where tenant_id = ${tenantId}`;
    await publish(assigned(agent.user.id));
    await eventually(async () => expect((await list(agent)).body.total).toBe(1));
    expect(await unread(agent)).toBe(1);
  });

  it('of an inactive user are not made', async () => {
    const { admin, agent, assigned, settled } = await company();
    await people.update(admin, agent.user.id, { status: 'suspended' });
    const event = assigned(agent.user.id);
    await publish(event);
    await settled();
    const rows = await people.sql`select 1 from identity.notifications where source_event_id = ${event.envelope.id}`;
    expect(rows).toHaveLength(0);
  });
});
