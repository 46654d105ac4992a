import { randomUUID } from 'node:crypto';
import { buildEvent, type EventData, permissionsOf, type Task, type TaskComment, timerFired } from '@recado/contracts';
import { withWorker } from '@recado/database';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { joinContact } from '../src/contacts/move.ts';
import type { RunningConversation } from '../src/service.ts';
import { tellDueTasks } from '../src/tasks/due.ts';
import { createFixture, delivered, type Fixture, type Person, person } from './setup.ts';

const NOW = new Date('2030-01-10T12:00:00.000Z');
const DUE = '2030-01-10T15:00:00.000Z';
const REMIND = '2030-01-10T14:00:00.000Z';
let now = NOW;
let fixture: Fixture;
let service: RunningConversation;
beforeAll(async () => {
  fixture = await createFixture('tasks');
  service = await fixture.start({ now: () => now });
});
afterAll(() => fixture.close());

/** A supervisor, and an agent of the same tenant. */
let boss: Person;
let agent: Person;
beforeEach(async () => {
  now = NOW;
  boss = person({ role: 'supervisor', permissions: permissionsOf('supervisor') });
  agent = person({ tenantId: boss.tenantId, role: 'agent', permissions: permissionsOf('agent') });
  for (const { caller } of [boss, agent]) addUser(boss.tenantId, caller.userId!);
  await fixture.know(boss.tenantId);
});
function addUser(tenantId: string, id: string): void {
  fixture.identity.users.set(id, { tenantId, role: 'agent', status: 'active' });
}

async function ask<T = Task>(who: Person, method: 'GET' | 'POST' | 'PATCH' | 'DELETE', url: string, payload?: object) {
  const answer = await service.app.inject({ method, url, headers: who.headers, ...(payload ? { payload } : {}) });
  return { status: answer.statusCode, body: (answer.body ? answer.json() : null) as T };
}
const make = async (payload: object, who = boss) => (await ask(who, 'POST', '/tasks', payload)).body;
const list = async (query: string, who = boss) =>
  (await ask<{ items: Task[]; total: number; nextCursor: string | null }>(who, 'GET', `/tasks?${query}`)).body;
const titles = async (query: string, who = boss) => (await list(query, who)).items.map(({ title }) => title);
const events = (name: string) =>
  fixture.outbox(boss.tenantId, name).then((all) => all.map(({ data }) => data as object));

async function addContact(tenantId = boss.tenantId, more: { groupAddress?: string } = {}): Promise<string> {
  const id = randomUUID();
  await fixture.admin.sql`
    insert into conversation.contacts (tenant_id, id, name, phone, group_address)
    values (${tenantId}, ${id}, 'Luz Vera', '+51999000111', ${more.groupAddress ?? null})`;
  return id;
}
async function addChat(contactId: string, tenantId = boss.tenantId): Promise<string> {
  const id = randomUUID();
  await fixture.admin.sql`
    insert into conversation.conversations (tenant_id, id, channel_id, provider, contact_id, last_message_at)
    values (${tenantId}, ${id}, ${randomUUID()}, 'meta', ${contactId}, now())`;
  return id;
}
/** A timer of the service fires, as the scheduler tells it. */
async function fire(key: string, fireAt: string): Promise<void> {
  const data: EventData<typeof timerFired> = { owner: 'conversation', key, fireAt, firedAt: fireAt, payload: {} };
  const event = delivered(buildEvent(timerFired, { tenantId: boss.tenantId, data }));
  await withWorker(fixture.worker, (tx) => tellDueTasks(tx, service.deps, [event]));
}

describe('a task', () => {
  it('is made about a chat and its contact, with its timers, and says so once', async () => {
    const contactId = await addContact();
    const conversationId = await addChat(contactId);
    const { status, body } = await ask(boss, 'POST', '/tasks', {
      title: 'Llamar',
      conversationId,
      assignedUserId: agent.caller.userId,
      dueAt: DUE,
      reminderAt: REMIND,
      priority: 'high',
    });
    expect([status, body]).toMatchObject([
      201,
      { status: 'pending', contact: { id: contactId, name: 'Luz Vera' }, conversationId, isOverdue: false },
    ]);
    expect(await events('task.created')).toMatchObject([{ taskId: body.id, contactId, dueAt: DUE }]);
    expect(await events('timer.ordered')).toMatchObject([
      { key: `task-due:${body.id}`, fireAt: DUE },
      { key: `task-reminder:${body.id}`, fireAt: REMIND },
    ]);
  });

  it('names every thing of another tenant that it is given, at once', async () => {
    const stranger = randomUUID();
    addUser(stranger, stranger);
    const contactId = await addContact(stranger);
    const conversationId = await addChat(contactId, stranger);
    const given = { title: 'x', contactId, conversationId, assignedUserId: stranger };
    const { status, body } = await ask<{ error: { details: { field: string; code: string }[] } }>(
      boss,
      'POST',
      '/tasks',
      given,
    );
    expect(status).toBe(422);
    expect(body.error.details.map(({ field, code }) => `${field} ${code}`).sort()).toEqual([
      'assignedUserId unknown_user',
      'contactId unknown_contact',
      'conversationId unknown_conversation',
    ]);
    const own = await addContact();
    const mixed = await ask(boss, 'POST', '/tasks', {
      title: 'x',
      contactId: own,
      conversationId: await addChat(await addContact()),
    });
    expect([mixed.status, mixed.body]).toMatchObject([422, { error: { details: [{ code: 'other_contact' }] } }]);
    expect(await list('')).toMatchObject({ items: [], total: 0 });
  });

  it('about the chat of a group has no contact', async () => {
    const chat = await addChat(await addContact(boss.tenantId, { groupAddress: '1@g.us' }));
    expect(await make({ title: 'x', conversationId: chat })).toMatchObject({ conversationId: chat, contact: null });
  });

  it('changes, moves its timers, and is silent when nothing changed', async () => {
    const { id } = await make({ title: 'Llamar', dueAt: DUE, reminderAt: REMIND });
    const later = '2030-01-11T15:00:00.000Z';
    const { body } = await ask(boss, 'PATCH', `/tasks/${id}`, {
      dueAt: later,
      reminderAt: null,
      status: 'in_progress',
    });
    expect(body).toMatchObject({ dueAt: later, reminderAt: null, status: 'in_progress' });
    await ask(boss, 'PATCH', `/tasks/${id}`, { dueAt: later, status: 'in_progress' });
    expect(await events('task.updated')).toMatchObject([{ changed: ['status', 'dueAt', 'reminderAt'] }]);
    expect((await events('timer.ordered')).slice(2)).toEqual([{ key: `task-due:${id}`, fireAt: later, payload: {} }]);
    expect(await events('timer.cancelled')).toEqual([{ key: `task-reminder:${id}` }]);
  });

  it('is completed once, with notes, and then sends no reminder', async () => {
    const { id } = await make({ title: 'Llamar', dueAt: DUE, reminderAt: REMIND });
    const done = await ask(boss, 'POST', `/tasks/${id}/complete`, { notes: 'Renovó' });
    expect(done.body).toMatchObject({
      status: 'completed',
      completionNotes: 'Renovó',
      completedBy: boss.caller.userId,
    });
    expect((await ask(boss, 'POST', `/tasks/${id}/complete`, { notes: 'otra' })).body).toEqual(done.body);
    expect(await events('task.completed')).toHaveLength(1);
    expect(await events('timer.cancelled')).toEqual([{ key: `task-due:${id}` }, { key: `task-reminder:${id}` }]);
    await fire(`task-reminder:${id}`, REMIND);
    expect(await events('task.reminded')).toEqual([]);
    const again = await ask(boss, 'PATCH', `/tasks/${id}`, { status: 'pending' });
    expect(again.body).toMatchObject({ status: 'pending', completedAt: null, completionNotes: null });
  });

  it('tells of its reminder and its due time, each once, and not of one that was moved', async () => {
    const { id } = await make({ title: 'Llamar', dueAt: DUE, reminderAt: REMIND, assignedUserId: agent.caller.userId });
    for (const [key, at] of [
      ['task-reminder', REMIND],
      ['task-due', DUE],
      ['task-due', DUE],
    ] as const) {
      await fire(`${key}:${id}`, at);
    }
    const about = { taskId: id, assignedUserId: agent.caller.userId, dueAt: DUE };
    expect(await events('task.reminded')).toMatchObject([{ ...about, reminderAt: REMIND }]);
    expect(await events('task.fell-due')).toMatchObject([about]);
    const later = '2030-02-01T00:00:00.000Z';
    await ask(boss, 'PATCH', `/tasks/${id}`, { dueAt: later });
    await fire(`task-due:${id}`, DUE);
    expect(await events('task.fell-due')).toHaveLength(1);
    await fire(`task-due:${id}`, later);
    expect(await events('task.fell-due')).toHaveLength(2);
  });

  it('is deleted with its comments and timers', async () => {
    const { id } = await make({ title: 'x' });
    await ask(boss, 'POST', `/tasks/${id}/comments`, { content: 'No contesta' });
    expect((await ask(boss, 'DELETE', `/tasks/${id}`)).status).toBe(204);
    expect((await ask(boss, 'GET', `/tasks/${id}`)).status).toBe(404);
    expect(await fixture.admin.sql`select 1 from conversation.task_comments where task_id = ${id}`).toHaveLength(0);
    expect(await events('task.deleted')).toEqual([{ taskId: id, contactId: null }]);
  });

  it('has comments, the last written first, and their words are in no event', async () => {
    const { id } = await make({ title: 'x' });
    for (const content of ['uno', 'dos', 'tres']) await ask(boss, 'POST', `/tasks/${id}/comments`, { content });
    const first = await ask<{ items: TaskComment[]; total: number; nextCursor: string }>(
      boss,
      'GET',
      `/tasks/${id}/comments?limit=2`,
    );
    expect([first.body.total, first.body.items.map(({ content }) => content)]).toEqual([3, ['tres', 'dos']]);
    const rest = await ask<typeof first.body>(
      boss,
      'GET',
      `/tasks/${id}/comments?limit=2&cursor=${first.body.nextCursor}`,
    );
    expect(rest.body.items).toMatchObject([{ content: 'uno', userId: boss.caller.userId }]);
    expect(await events('task.commented')).toHaveLength(3);
    expect(JSON.stringify(await events('%'))).not.toContain('tres');
    expect((await ask(boss, 'GET', `/tasks/${id}`)).body.commentCount).toBe(3);
  });
});

describe('the caller', () => {
  it('who is an agent sees what they made or got, and another task is like a missing one', async () => {
    const theirs = await make({ title: 'de otro' });
    await make({ title: 'para mí', assignedUserId: agent.caller.userId });
    await make({ title: 'mía' }, agent);
    expect(await titles('sort=created_at', agent)).toEqual(['para mí', 'mía']);
    expect((await list('', agent)).total).toBe(2);
    expect(await titles('sort=created_at')).toEqual(['de otro', 'para mí', 'mía']);
    for (const [method, path, body] of [
      ['GET', '', undefined],
      ['PATCH', '', { title: 'x' }],
      ['POST', '/complete', {}],
      ['POST', '/comments', { content: 'x' }],
      ['GET', '/comments', undefined],
    ] as const) {
      expect([path, (await ask(agent, method, `/tasks/${theirs.id}${path}`, body)).status]).toEqual([path, 404]);
    }
    expect((await ask(agent, 'DELETE', `/tasks/${theirs.id}`)).status).toBe(403);
  });

  it('of another tenant gets 404 for everything', async () => {
    const { id } = await make({ title: 'x' });
    const stranger = person({ role: 'admin', permissions: permissionsOf('admin') });
    for (const [method, path, body] of [
      ['GET', '', undefined],
      ['PATCH', '', { title: 'y' }],
      ['DELETE', '', undefined],
      ['POST', '/complete', {}],
      ['POST', '/comments', { content: 'x' }],
      ['GET', '/comments', undefined],
    ] as const) {
      expect([method, path, (await ask(stranger, method, `/tasks/${id}${path}`, body)).status]).toEqual([
        method,
        path,
        404,
      ]);
    }
    expect(await titles('')).toEqual(['x']);
  });
});

describe('a list', () => {
  it('has every filter', async () => {
    const contactId = await addContact();
    const conversationId = await addChat(contactId);
    await make({ title: 'a', priority: 'urgent', conversationId, dueAt: '2030-01-09T00:00:00.000Z' });
    await make({ title: 'b', contactId, dueAt: '2030-02-01T00:00:00.000Z', assignedUserId: agent.caller.userId });
    const { id } = await make({ title: 'c', dueAt: '2030-01-08T00:00:00.000Z' }, agent);
    await ask(boss, 'POST', `/tasks/${id}/complete`, {});
    for (const [query, expected] of [
      ['status=completed', ['c']],
      ['priority=urgent', ['a']],
      [`assignedUserId=${agent.caller.userId}`, ['b']],
      [`createdBy=${agent.caller.userId}`, ['c']],
      [`contactId=${contactId}`, ['b', 'a']],
      [`conversationId=${conversationId}`, ['a']],
      ['dueFrom=2030-01-20T00:00:00.000Z', ['b']],
      ['dueTo=2030-01-08T12:00:00.000Z', ['c']],
      ['overdue=true', ['a']],
      ['overdue=false', ['c', 'b']],
    ] as const) {
      expect([query, await titles(query)]).toEqual([query, expected]);
      expect([query, (await list(query)).total]).toEqual([query, expected.length]);
    }
  });

  it('is walked in each order, and those without a due time stand last or first', async () => {
    for (const [i, day] of [3, 1, null, 2, 1, null].entries()) {
      await make({ title: `${i}`, ...(day === null ? {} : { dueAt: `2030-03-0${day}T00:00:00.000Z` }) });
    }
    for (const [sort, expected] of [
      ['created_at', '012345'],
      ['-created_at', '543210'],
      ['due_date', '143025'],
      ['-due_date', '520341'],
    ] as const) {
      let walked = '';
      let cursor: string | null = 'start';
      while (cursor) {
        const page: Awaited<ReturnType<typeof list>> = await list(`sort=${sort}&limit=2&cursor=${cursor}`);
        walked += page.items.map(({ title }) => title).join('');
        cursor = page.nextCursor;
      }
      expect([sort, walked]).toEqual([sort, expected]);
    }
  });
});

describe('a recurring task', () => {
  const recurrence = { every: 'daily' };

  it('needs a due time', async () => {
    const { status, body } = await ask(boss, 'POST', '/tasks', { title: 'x', recurrence });
    expect([status, body]).toMatchObject([422, { error: { details: [{ field: 'dueAt', code: 'due_needed' }] } }]);
  });

  it('is made again when it is completed, once, with its reminder', async () => {
    const first = await make({
      title: 'Caja',
      dueAt: DUE,
      reminderAt: REMIND,
      recurrence,
      assignedUserId: agent.caller.userId,
    });
    await ask(boss, 'POST', `/tasks/${first.id}/complete`, {});
    const [next] = (await list('status=pending')).items;
    expect(next).toMatchObject({
      followsTaskId: first.id,
      dueAt: '2030-01-11T15:00:00.000Z',
      reminderAt: '2030-01-11T14:00:00.000Z',
      assignedUserId: agent.caller.userId,
    });
    await ask(boss, 'PATCH', `/tasks/${first.id}`, { status: 'pending' });
    await ask(boss, 'POST', `/tasks/${first.id}/complete`, {});
    expect((await list('status=pending')).total).toBe(1);
    expect((await events('timer.ordered')).slice(2, 4)).toMatchObject([
      { key: `task-due:${next!.id}` },
      { key: `task-reminder:${next!.id}` },
    ]);
  });

  it('is made again when it falls due, leaves out what passed, and stays open itself', async () => {
    const first = await make({ title: 'Caja', dueAt: DUE, recurrence });
    now = new Date('2030-01-15T16:00:00.000Z');
    await Promise.all([fire(`task-due:${first.id}`, DUE), ask(boss, 'POST', `/tasks/${first.id}/complete`, {})]);
    const open = (await list('status=pending')).items.filter(({ id }) => id !== first.id);
    expect(open).toMatchObject([{ dueAt: '2030-01-16T15:00:00.000Z', followsTaskId: first.id }]);
  });

  it('ends when it is cancelled', async () => {
    const { id } = await make({ title: 'Caja', dueAt: DUE, recurrence });
    await ask(boss, 'PATCH', `/tasks/${id}`, { status: 'cancelled' });
    await fire(`task-due:${id}`, DUE);
    expect((await list('')).total).toBe(1);
  });
});

describe('a contact', () => {
  it('that is removed takes its tasks along, with their words', async () => {
    const contactId = await addContact();
    const { id } = await make({ title: 'Deuda de Luz', contactId, dueAt: DUE });
    await ask(boss, 'POST', `/tasks/${id}/comments`, { content: 'No contesta' });
    await make({ title: 'otra' });
    expect((await ask(boss, 'DELETE', `/contacts/${contactId}`)).status).toBe(204);
    expect(await titles('')).toEqual(['otra']);
    expect(await fixture.admin.sql`select 1 from conversation.task_comments where task_id = ${id}`).toHaveLength(0);
    expect(await events('task.deleted')).toEqual([{ taskId: id, contactId }]);
  });

  it('that joins another gives it its tasks', async () => {
    const [from, into] = [await addContact(), await addContact()];
    await make({ title: 'Llamar', contactId: from });
    await withWorker(fixture.worker, (tx) => joinContact(tx, boss.tenantId, from, into));
    expect((await list(`contactId=${into}`)).items).toMatchObject([{ contact: { id: into } }]);
  });
});
