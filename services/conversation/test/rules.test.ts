import { randomUUID } from 'node:crypto';
import {
  type AuditEntry,
  buildEvent,
  type Conversation,
  type EventData,
  MAX_MACROS,
  type Macro,
  permissionsOf,
  type Rule,
  type RuleRun,
  timerFired,
} from '@recado/contracts';
import { withWorker } from '@recado/database';
import { eventually } from '@recado/testkit';
import { describe, expect, it } from 'vitest';
import { forgetUsers } from '../src/forget-users.ts';
import { startPair } from './pair.ts';
import { AWAY, type Person, person, received } from './setup.ts';

const pair = startPair('rules');

const PHONE = '51999200000';
const says = (content: string) => {
  const event = received(pair.who.tenantId, {
    channelId: pair.channelId,
    content,
    sentTime: new Date().toISOString(),
    from: { waId: PHONE, phone: `+${PHONE}`, userId: null, name: 'Ana' },
  });
  return pair.fixture.publish([event]).then(() => event);
};
const when = (event: string, actions: object[], given: object = {}) =>
  pair.ask<Rule>('POST', '/rules', { name: `Al ${event}`, event, actions, ...given }).then(({ status, body }) => {
    expect(status, JSON.stringify(body)).toBe(201);
    return body;
  });
const chat = async () => {
  const { items } = (await pair.ask<{ items: Conversation[] }>('GET', '/conversations')).body;
  return items[0]!;
};
const chatIs = (expected: object) => eventually(async () => expect(await chat()).toMatchObject(expected));
const runs = async (query = '') => (await pair.ask<{ items: RuleRun[] }>('GET', `/rule-runs${query}`)).body.items;
const runsAre = (expected: object[]) =>
  eventually(async () => expect((await runs()).toReversed()).toMatchObject(expected));
const texts = async () =>
  (
    await pair.fixture.admin.sql<{ content: string }[]>`
    select content from conversation.messages where tenant_id = ${pair.who.tenantId} and direction = 'outbound' order by id`
  ).map(({ content }) => content);

describe('a rule', () => {
  it('is written only by who may do what it does, and tried only by who may read its chat', async () => {
    const { tenantId } = pair.who;
    const campaigns = person({ tenantId, role: 'agent', permissions: ['campaigns.read', 'campaigns.update'] });
    const more = person({ tenantId, role: 'agent', permissions: [...campaigns.caller.permissions, 'chats.update'] });
    const rule = (...actions: object[]) => ({ name: 'Al cerrar', event: 'conversation.closed', actions });
    const [tag, reply] = [
      { type: 'tag', name: 'x' },
      { type: 'reply', text: 'Hola' },
    ];
    expect((await pair.ask<Rule>('POST', '/rules', rule(tag), campaigns)).status).toBe(403);
    expect((await pair.ask<Rule>('POST', '/rules', rule(tag, reply), more)).status).toBe(403);
    const made = await pair.ask<Rule>('POST', '/rules', rule(tag), more);
    expect(made.status).toBe(201);
    const url = `/rules/${made.body.id}`;
    expect((await pair.ask<Rule>('PATCH', url, { actions: [reply] }, more)).status).toBe(403);
    expect((await pair.ask<Rule>('PATCH', url, { conditions: null }, campaigns)).status).toBe(403);
    expect((await pair.ask<Rule>('GET', url)).body).toMatchObject({ enabled: true, actions: [tag] });
    expect((await pair.ask<Rule>('PATCH', url, { enabled: false }, campaigns)).body).toMatchObject({ enabled: false });
    expect((await pair.ask<Rule>('PATCH', url, { enabled: true }, campaigns)).status).toBe(403);
    await says('Hola');
    await chatIs({ id: expect.any(String) });
    const about = { conversationId: (await chat()).id };
    expect((await pair.ask<Rule>('POST', `${url}/try`, about, more)).status).toBe(403);
    expect((await pair.ask<Rule>('POST', `${url}/try`, about)).status).toBe(200);
  });

  it('of an API key is switched off once the key ended, until a user writes it anew', async () => {
    const { tenantId } = pair.who;
    const apiKeyId = randomUUID();
    const permissions = permissionsOf('admin');
    pair.fixture.identity.keys.set(apiKeyId, { tenantId, permissions });
    const machine = person({ tenantId, role: 'key', userId: null, apiKeyId, permissions });
    const rule = { name: 'Al recibir', event: 'message.received', actions: [{ type: 'reply', text: 'Hola' }] };
    const { body: made } = await pair.ask<Rule>('POST', '/rules', rule, machine);
    await says('Uno');
    await runsAre([{ status: 'done' }]);
    pair.fixture.identity.keys.delete(apiKeyId);
    await says('Dos');
    const error = { code: 'author_gone', message: expect.any(String) };
    await runsAre([{ status: 'done' }, { status: 'failed', actions: [{ type: 'reply', status: 'failed', error }] }]);
    expect(await texts()).toEqual(['Hola']);
    expect((await pair.ask<Rule>('GET', `/rules/${made.id}`)).body).toMatchObject({ enabled: false });
    const audited = (await pair.fixture.outbox(tenantId, 'audit.recorded')).map(({ data }) => data as AuditEntry);
    expect(audited.filter(({ action }) => action === 'rule.update')).toMatchObject([
      { actor: { kind: 'service' }, changes: { enabled: { from: true, to: false } } },
    ]);
    await pair.ask('PATCH', `/rules/${made.id}`, { enabled: true });
    await says('Tres');
    await eventually(async () => expect(await texts()).toEqual(['Hola', 'Hola']));
  });

  it('does what it says when its conditions hold, once for an event, and the log tells it', async () => {
    const ana = pair.addUser();
    const actions = [
      { type: 'tag', name: 'precio' },
      { type: 'priority', priority: 'high' },
      { type: 'reply', text: 'Ya te atendemos' },
      { type: 'note', content: 'Preguntó el precio' },
      { type: 'lead_status', status: 'contacted' },
      { type: 'custom_field', name: 'interés', value: 'alto' },
      { type: 'assign', to: ana },
      { type: 'webhook', name: 'precio' },
    ];
    const conditions = { type: 'text', op: 'matches', value: 'cu[aá]nto|precio' };
    const { id } = await when('message.received', actions, { conditions });
    await says('Hola');
    const asked = await says('¿Cuánto cuesta?');
    await runsAre([{ ruleId: id, status: 'done', actions: actions.map(({ type }) => ({ type, status: 'done' })) }]);
    // The same event once more: its job is kept, and so is its run.
    await pair.fixture.publish([asked]);
    await chatIs({ priority: 'high', assignedUserId: ana, tags: [{ name: 'precio' }] });
    const { contact } = (await pair.ask<Conversation>('GET', `/conversations/${(await chat()).id}`)).body;
    expect(contact).toMatchObject({ leadStatus: 'contacted', customFields: { interés: 'alto' } });
    expect(await texts()).toEqual(['Ya te atendemos']);
    const fired = (await pair.fixture.outbox(pair.who.tenantId, 'rule.fired')).map(({ data }) => data);
    expect(fired).toMatchObject([{ name: 'precio', ruleId: id, event: 'message.received', byUserId: null }]);
    expect(await runs()).toHaveLength(1);
  });

  it('runs in its order, sees what those before it did, and ends the others if it says so', async () => {
    const tag = (name: string) => [{ type: 'tag', name }];
    const third = await when('conversation.created', tag('tres'));
    const first = await when('conversation.created', tag('uno'));
    const second = await when('conversation.created', tag('dos'), {
      conditions: { type: 'tag', op: 'has', value: 'UNO' },
      stop: true,
    });
    const order = await pair.ask<{ items: Rule[] }>('PUT', '/rule-order', { ruleIds: [first.id, second.id] });
    expect(order.body.items.map(({ id }) => id)).toEqual([first.id, second.id, third.id]);
    await says('Hola');
    await runsAre([
      { ruleId: first.id, status: 'done' },
      { ruleId: second.id, status: 'done' },
    ]);
    expect((await chat()).tags?.map(({ name }) => name)).toEqual(['dos', 'uno']);
  });

  it('runs its other actions when one is refused, and says why', async () => {
    const gone = randomUUID();
    await pair.fixture.admin.sql`
      insert into conversation.rules (tenant_id, id, name, position, event, actions)
      values (${pair.who.tenantId}, ${randomUUID()}, 'Vieja', 1, 'message.received',
              ${pair.fixture.admin.sql.json([
                { type: 'transfer', campaign: gone },
                { type: 'tag', name: 'visto' },
              ])})`;
    await says('Hola');
    await runsAre([
      {
        status: 'failed',
        actions: [
          { type: 'transfer', status: 'failed', error: { code: 'not_found' } },
          { type: 'tag', status: 'done', error: null },
        ],
      },
    ]);
  });

  it('that cannot act until its last try says so, and runs its other actions', async () => {
    await says('Hola');
    await chatIs({ status: 'new' });
    // Whether a template is marketing only the connector knows, and it is away.
    await pair.fixture.admin.sql`
      update conversation.contacts set marketing_stopped_at = now() where tenant_id = ${pair.who.tenantId}`;
    await when('message.received', [
      { type: 'template', name: AWAY, language: 'es', params: {} },
      { type: 'tag', name: 'visto' },
    ]);
    await says('Hola otra vez');
    // All tries but the last one have failed.
    await eventually(async () => {
      const { count } = await pair.fixture.admin.sql`
        update conversation.jobs set tries = 5
        where tenant_id = ${pair.who.tenantId} and name = 'run-rules' and state = 'scheduled'`;
      expect(count).toBe(1);
    });
    const failed = { type: 'template', status: 'failed', error: { code: 'unavailable' } };
    await runsAre([{ status: 'failed', actions: [failed, { type: 'tag', status: 'done', error: null }] }]);
  });

  it('that would set off itself or another without end is cut', async () => {
    const one = await when('conversation.tagged', [
      { type: 'priority', priority: 'high' },
      { type: 'untag', name: 'a' },
      { type: 'tag', name: 'b' },
    ]);
    const two = await when('conversation.tagged', [
      { type: 'untag', name: 'b' },
      { type: 'tag', name: 'a' },
    ]);
    await says('Hola');
    await chatIs({ status: 'new' });
    const { id } = await chat();
    expect((await pair.ask<Rule>('POST', `/conversations/${id}/tags`, { name: 'a' })).status).toBe(200);
    await eventually(async () => {
      const all = await runs();
      expect(all.some(({ status }) => status === 'cut')).toBe(true);
      expect(all.filter(({ status }) => status === 'running')).toEqual([]);
    });
    // Everything that was set off has ended: no more comes.
    const settled = async () => {
      const [row] = await pair.fixture.admin.sql<{ open: number }[]>`
        select count(*)::int as open from conversation.jobs
        where tenant_id = ${pair.who.tenantId} and state in ('queued', 'running', 'scheduled')`;
      expect(row!.open).toBe(0);
    };
    await eventually(settled);
    const done = (await runs()).filter(({ status }) => status === 'done');
    expect(done.length).toBeLessThanOrEqual(8);
    expect(new Set(done.map(({ ruleId }) => ruleId))).toEqual(new Set([one.id, two.id]));
  });

  it('that waits with the customer runs once for each wait, by a timer', async () => {
    const { id } = await when('customer.waiting', [{ type: 'tag', name: 'espera' }], { afterSeconds: 300 });
    await says('Hola');
    const found = await eventually(async () => {
      const timers = await pair.fixture.outbox(pair.who.tenantId, 'timer.ordered');
      expect(timers).toHaveLength(1);
      return timers[0]!.data as { key: string; fireAt: string };
    });
    const data: EventData<typeof timerFired> = { owner: 'conversation', ...found, firedAt: found.fireAt, payload: {} };
    const fire = () => pair.fixture.publish([buildEvent(timerFired, { tenantId: pair.who.tenantId, data })]);
    await Promise.all([fire(), fire()]);
    await runsAre([{ ruleId: id, event: 'customer.waiting', status: 'done' }]);
    expect((await chat()).tags).toMatchObject([{ name: 'espera' }]);
  });

  it('says which of its conditions hold for a chat, and does nothing', async () => {
    const conditions = {
      type: 'all',
      conditions: [
        { type: 'text', op: 'contains', value: 'precio' },
        { type: 'status', op: 'in', values: ['new'] },
      ],
    };
    const { id } = await when('conversation.closed', [{ type: 'tag', name: 'x' }], { conditions });
    await says('¿Qué precio tiene?');
    await chatIs({ status: 'new' });
    const conversationId = (await chat()).id;
    const attempt = (body: object) => pair.ask<object>('POST', `/rules/${id}/try`, { conversationId, ...body });
    expect((await attempt({})).body).toMatchObject({ matched: true });
    expect((await attempt({ text: 'Hola' })).body).toMatchObject({
      matched: false,
      conditions: { holds: false, conditions: [{ holds: false }, { holds: true }] },
    });
    expect((await pair.ask<Rule>('POST', `/rules/${id}/try`, { conversationId: randomUUID() })).status).toBe(404);
    expect(await runs()).toEqual([]);
  });

  it('of another tenant is a 404, and a field that is wrong is named', async () => {
    const { id } = await when('conversation.closed', [{ type: 'queue' }]);
    const other = person({ role: 'admin', permissions: permissionsOf('admin') });
    expect((await pair.ask<Rule>('GET', `/rules/${id}`, undefined, other)).status).toBe(404);
    expect((await pair.ask<Rule>('DELETE', `/rules/${id}`, undefined, other)).status).toBe(404);
    const wrong = async (given: object) => {
      const body = { name: 'x', event: 'message.received', actions: [{ type: 'queue' }], ...given };
      const answer = await pair.ask<{ error: { details: { field: string }[] } }>('POST', '/rules', body);
      expect(answer.status).toBe(422);
      return JSON.stringify(answer.body);
    };
    expect(await wrong({ actions: [{ type: 'assign', to: randomUUID() }] })).toContain('actions.0.to');
    expect(await wrong({ actions: [{ type: 'transfer', campaign: randomUUID() }] })).toContain('actions.0.campaign');
    expect(await wrong({ actions: [{ type: 'start_flow', flow: randomUUID() }] })).toContain('actions.0.type');
    expect(await wrong({ conditions: { type: 'text', op: 'matches', value: '(' } })).toContain('conditions.value');
    expect(await wrong({ event: 'customer.waiting' })).toContain('afterSeconds');
    expect(await wrong({ afterSeconds: 60 })).toContain('afterSeconds');
    const agent = person({ tenantId: pair.who.tenantId, role: 'agent', permissions: permissionsOf('agent') });
    expect((await pair.ask<Rule>('DELETE', `/rules/${id}`, undefined, agent)).status).toBe(403);
    expect((await pair.ask<Rule>('PATCH', `/rules/${id}`, { enabled: false })).body).toMatchObject({ enabled: false });
    expect((await pair.ask<Rule>('DELETE', `/rules/${id}`)).status).toBe(204);
    expect((await pair.ask<Rule>('GET', `/rules/${id}`)).status).toBe(404);
  });
});

describe('a macro', () => {
  const agentOf = (permissions = permissionsOf('agent')) =>
    person({ tenantId: pair.who.tenantId, role: 'agent', permissions });
  const make = async (actions: object[], given: object = {}, by = pair.who) => {
    const { status, body } = await pair.ask<Macro>('POST', '/macros', { name: 'Cierre', actions, ...given }, by);
    expect(status, JSON.stringify(body)).toBe(201);
    return body;
  };
  interface Ran {
    actions: { type: string; status: string; error: { code: string } | null }[];
  }

  it('runs its actions as the caller, with the permissions of the caller, once for a key', async () => {
    await says('Hola');
    await chatIs({ status: 'new' });
    const { id } = await chat();
    const ana = pair.addUser();
    const actions = [
      { type: 'assign', to: ana },
      { type: 'reply', text: 'Gracias' },
      { type: 'tag', name: 'listo' },
      { type: 'close', reason: 'resuelto' },
    ];
    const macro = await make(actions, { isShared: true });
    const agent = agentOf();
    const key = { 'idempotency-key': randomUUID() };
    const run = () => pair.ask<Ran>('POST', `/conversations/${id}/macros/${macro.id}`, undefined, agent, key);
    const first = await run();
    expect(first.body.actions.map(({ status, error }) => [status, error?.code ?? null])).toEqual([
      ['failed', 'forbidden'],
      ['done', null],
      ['done', null],
      ['done', null],
    ]);
    expect((await run()).body).toEqual(first.body);
    expect(await texts()).toEqual(['Gracias']);
    expect(await chat()).toMatchObject({ status: 'closed', assignedUserId: null, tags: [{ name: 'listo' }] });
  });

  it('of a user is seen by that user alone; one of all takes the right to change it', async () => {
    const [luis, eva] = [agentOf(), agentOf()];
    const own = await make([{ type: 'queue' }], {}, luis);
    const all = await make([{ type: 'queue' }], { name: 'De todos', isShared: true });
    const seen = async (by: Person) => (await pair.ask<{ items: Macro[] }>('GET', '/macros', undefined, by)).body.items;
    expect((await seen(luis)).map(({ id }) => id)).toEqual([own.id, all.id]);
    expect((await seen(eva)).map(({ id }) => id)).toEqual([all.id]);
    expect((await pair.ask<Rule>('PATCH', `/macros/${own.id}`, { name: 'Mía' }, eva)).status).toBe(404);
    expect((await pair.ask<Rule>('PATCH', `/macros/${own.id}`, { name: 'Mía' }, luis)).body).toMatchObject({
      name: 'Mía',
    });
    expect((await pair.ask<Rule>('DELETE', `/macros/${all.id}`, undefined, luis)).status).toBe(403);
    const shared = { name: 'x', actions: [{ type: 'queue' }], isShared: true };
    expect((await pair.ask<Rule>('POST', '/macros', shared, luis)).status).toBe(403);
    const gone = (await pair.ask<Macro>('POST', '/macros', { ...shared, isShared: false }, luis)).body;
    const { tenantId } = pair.who;
    // Many of all take no place from a user's own, and hide none.
    await pair.fixture.admin.sql`
      insert into conversation.macros (tenant_id, id, name, actions)
      select ${tenantId}, gen_random_uuid(), 'Muchas', '[{"type":"queue"}]' from generate_series(2, ${MAX_MACROS})`;
    expect((await pair.ask<Rule>('POST', '/macros', { ...shared, isShared: true })).status).toBe(409);
    const last = await pair.ask<Macro>('POST', '/macros', { ...shared, name: 'Última', isShared: false }, luis);
    expect(last.status).toBe(201);
    expect((await seen(luis)).map(({ id }) => id)).toEqual(expect.arrayContaining([gone.id, last.body.id]));
    await pair.fixture.admin.sql`delete from conversation.macros where tenant_id = ${tenantId} and name = 'Muchas'`;
    await withWorker(pair.fixture.worker, (tx) => forgetUsers(tx, [{ tenantId, userId: eva.caller.userId! }]));
    expect((await seen(luis)).map(({ id }) => id)).toContain(gone.id);
    await withWorker(pair.fixture.worker, (tx) => forgetUsers(tx, [{ tenantId, userId: luis.caller.userId! }]));
    expect((await seen(luis)).map(({ id }) => id)).toEqual([all.id]);
  });
});
