import { randomUUID } from 'node:crypto';
import {
  buildEvent,
  connectorApi,
  contactCreated,
  contactDeleted,
  conversationCreated,
  messageUpdated,
  type RouteContract,
  uuidv7,
  WEBHOOK_PERMISSIONS,
  type WebhookDelivery,
  type WebhookEndpoint,
  type WebhookReplay,
} from '@recado/contracts';
import { createGuardedDispatcher } from '@recado/service-kit';
import { eventually } from '@recado/testkit';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sendWebhook } from '../src/deliveries/send.ts';
import { bearer, createChannel, createFixture, eventsOf, type Fixture } from './support.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await createFixture();
});
afterAll(() => fixture.stop());

const ALL = ['webhooks.manage', ...new Set(Object.values(WEBHOOK_PERMISSIONS))];

async function ask<T>(
  { method, path }: RouteContract,
  tenantId: string,
  {
    id = '',
    body,
    permissions = ALL,
    query = '',
  }: { id?: string; body?: object; permissions?: string[]; query?: string } = {},
): Promise<{ status: number; body: T }> {
  const answer = await fixture.connector.app.inject({
    method,
    url: path.replace(/:\w+/, id) + query,
    headers: { authorization: bearer(tenantId, permissions) },
    ...(body ? { payload: body } : {}),
  });
  return { status: answer.statusCode, body: (answer.body === '' ? null : answer.json()) as T };
}

interface Made {
  tenantId: string;
  endpoint: WebhookEndpoint;
  secret: string;
  receiver: string;
}

/** An endpoint of a new tenant that leads to a receiver of the sandbox. */
async function endpointOf(given: object = {}, tenantId: string = randomUUID()): Promise<Made> {
  const receiver = randomUUID();
  const url = `${fixture.sandbox.url}/receivers/${receiver}`;
  const { status, body } = await ask<{ endpoint: WebhookEndpoint; secret: string }>(
    connectorApi.createWebhookEndpoint,
    tenantId,
    { body: { name: 'CRM', url, ...given } },
  );
  expect(status).toBe(201);
  return { tenantId, receiver, ...body };
}

/** Something happens at a tenant. Its event's id. */
async function happen(tenantId: string, time = new Date()): Promise<string> {
  const data = { contactId: uuidv7(), name: 'Ana', phone: null };
  const { subject, envelope } = buildEvent(contactCreated, { tenantId, data, time });
  await fixture.bus.js.publish(subject, JSON.stringify(envelope), { msgID: randomUUID() });
  return envelope.id;
}

const logOf = async ({ tenantId, endpoint }: Made, query = '') =>
  (
    await ask<{ items: WebhookDelivery[]; nextCursor: string | null }>(connectorApi.listWebhookDeliveries, tenantId, {
      id: endpoint.id,
      query,
    })
  ).body;

/** Waits until the only delivery of an endpoint is so. */
const untilDelivery = (made: Made, is: (delivery: WebhookDelivery) => boolean): Promise<WebhookDelivery> =>
  eventually(async () => {
    const { items } = await logOf(made);
    if (!items[0] || !is(items[0])) throw new Error(JSON.stringify(items));
    return items[0];
  });

describe('an event', () => {
  test('reaches its endpoint once, signed, and the log shows the try', async () => {
    const made = await endpointOf();
    const id = await happen(made.tenantId);
    const delivery = await untilDelivery(made, ({ status }) => status === 'delivered');
    expect(delivery).toMatchObject({ eventId: id, eventType: 'contact.created', tries: 1 });
    expect(delivery.attempts).toMatchObject([{ status: 204, error: null }]);
    const [webhook, ...more] = await fixture.sandbox.control.received(made.receiver);
    expect(more).toEqual([]);
    expect(webhook!.headers['webhook-id']).toBe(id);
    expect(new Webhook(made.secret).verify(webhook!.body, webhook!.headers)).toMatchObject({
      id,
      type: 'recado.conversation.contact.created.v1',
      tenantid: made.tenantId,
    });
  });

  test('that comes twice, or happened before, adds no delivery', async () => {
    const made = await endpointOf();
    await happen(made.tenantId, new Date(Date.now() - 60_000));
    const data = { contactId: uuidv7(), name: null, phone: null };
    const { subject, envelope } = buildEvent(contactCreated, { tenantId: made.tenantId, data });
    for (const msgID of [randomUUID(), randomUUID()])
      await fixture.bus.js.publish(subject, JSON.stringify(envelope), { msgID });
    const last = await happen(made.tenantId);
    await untilDelivery(made, ({ eventId, status }) => eventId === last && status === 'delivered');
    expect((await logOf(made)).items.map(({ eventId }) => eventId)).toEqual([last, envelope.id]);
  });

  test('of a tenant without endpoints is acknowledged unread', async () => {
    await endpointOf();
    const { metrics, registry } = fixture.connector.deps;
    expect(metrics).toBeDefined();
    const ignored = async () => {
      const metric = await registry.getSingleMetricAsString('recado_consumer_ignored_total').catch(() => '');
      return Number(/contact-created"[^}]*} (\d+)/.exec(metric)?.[1] ?? 0);
    };
    const before = await ignored();
    await happen(randomUUID());
    await eventually(async () => expect(await ignored()).toBe(before + 1));
  });
});

describe('a receiver', () => {
  test('that fails is tried again with the same id, and its answer is kept without our secret', async () => {
    const made = await endpointOf();
    await fixture.sandbox.control.planReceiver(made.receiver, { status: 500, body: `no: ${made.secret}`, times: 1 });
    await happen(made.tenantId);
    const failed = await untilDelivery(made, ({ tries }) => tries === 1);
    expect(failed).toMatchObject({ status: 'pending', attempts: [{ status: 500, response: 'no: ***' }] });
    expect(failed.nextTryAt! > failed.attempts[0]!.at).toBe(true);
    await hurry(made);
    const delivery = await untilDelivery(made, ({ status }) => status === 'delivered');
    expect(delivery.attempts.map(({ status }) => status)).toEqual([500, 204]);
    const ids = (await fixture.sandbox.control.received(made.receiver)).map(({ headers }) => headers['webhook-id']);
    expect(new Set(ids)).toEqual(new Set([delivery.eventId]));
    expect(ids).toHaveLength(2);
  });

  test.each([
    ['that gives no answer', { fault: 'hang' as const }, { status: null, error: 'timeout' }],
    ['that cuts the connection', { fault: 'reset' as const }, { status: null, error: 'connection_lost' }],
    [
      'that redirects',
      { status: 302, headers: { location: 'http://127.0.0.1:9/' } },
      { status: 302, error: 'redirect' },
    ],
    ['whose body never ends', { status: 200, fault: 'drip' as const, body: 'x' }, { status: 200, response: 'x' }],
  ])('%s gets no more time than its deadline', async (_, plan, expected) => {
    const receiver = randomUUID();
    await fixture.sandbox.control.planReceiver(receiver, plan);
    const dispatcher = createGuardedDispatcher({ allowPrivate: true });
    const secrets = [`whsec_${Buffer.alloc(32).toString('base64')}`];
    const sending = { url: `${fixture.sandbox.url}/receivers/${receiver}`, eventId: 'e', payload: '{}', secrets };
    const { signal } = new AbortController();
    const sent = await sendWebhook(sending, { dispatcher, signal, now: new Date(), deadlineMs: 150 });
    await dispatcher.destroy();
    expect(sent).toMatchObject(expected);
    expect(await fixture.sandbox.control.received(receiver)).toHaveLength(1);
  });

  test('whose answer is cut within a character is recorded, and sent to once', async () => {
    const made = await endpointOf();
    await fixture.sandbox.control.planReceiver(made.receiver, { status: 200, body: `${'a'.repeat(1023)}😀 and more` });
    await happen(made.tenantId);
    const { tries, attempts } = await untilDelivery(made, ({ status }) => status === 'delivered');
    expect({ tries, response: attempts[0]!.response }).toEqual({ tries: 1, response: 'a'.repeat(1023) });
    expect(await fixture.sandbox.control.received(made.receiver)).toHaveLength(1);
  });

  test('that answers 410 is switched off, and told of', async () => {
    const made = await endpointOf();
    await fixture.sandbox.control.planReceiver(made.receiver, { status: 410 });
    await happen(made.tenantId);
    await untilDelivery(made, ({ status }) => status === 'failed');
    const { body } = await ask<WebhookEndpoint>(connectorApi.getWebhookEndpoint, made.tenantId, {
      id: made.endpoint.id,
    });
    expect(body).toMatchObject({ enabled: false, disabledReason: 'gone' });
    expect(await eventsOf(fixture, made.tenantId, 'webhook-endpoint.disabled')).toMatchObject([
      { endpointId: made.endpoint.id, reason: 'gone' },
    ]);
    const refused = await ask(connectorApi.testWebhookEndpoint, made.tenantId, { id: made.endpoint.id });
    expect(refused.status).toBe(409);
  });

  test('that failed for five days is switched off', async () => {
    const made = await endpointOf();
    await fixture.sandbox.control.planReceiver(made.receiver, { status: 500 });
    await happen(made.tenantId);
    await untilDelivery(made, ({ tries }) => tries === 1);
    await fixture.sql`
      update channel_connector.webhook_endpoints set failing_since = now() - interval '121 hours'
      where id = ${made.endpoint.id}`;
    await hurry(made);
    await untilDelivery(made, ({ tries }) => tries === 2);
    expect(await eventsOf(fixture, made.tenantId, 'webhook-endpoint.disabled')).toMatchObject([{ reason: 'failing' }]);
  });

  test('that asks for a rest gets it for all its deliveries', async () => {
    const made = await endpointOf();
    await fixture.sandbox.control.planReceiver(made.receiver, {
      status: 429,
      headers: { 'retry-after': '3600' },
      times: 1,
    });
    await happen(made.tenantId);
    await untilDelivery(made, ({ tries }) => tries === 1);
    await happen(made.tenantId);
    await eventually(async () => {
      const waiting = await fixture.sql`
        select run_at > now() + interval '50 minutes' as later from channel_connector.jobs
        where tenant_id = ${made.tenantId} and state = 'scheduled'`;
      expect(waiting.map(({ later }) => later)).toEqual([true, true]);
    });
    expect(await fixture.sandbox.control.received(made.receiver)).toHaveLength(1);
  });
});

test('A contact who is removed leaves no trace in the log, and the news of it goes out', async () => {
  const made = await endpointOf();
  const { tenantId } = made;
  const [gone, stays, conversationId, channelId] = [uuidv7(), uuidv7(), uuidv7(), randomUUID()];
  const tell = async (built: { subject: string; envelope: { id: string } }) => {
    await fixture.bus.js.publish(built.subject, JSON.stringify(built.envelope), { msgID: randomUUID() });
    await untilDelivery(made, ({ eventId, status }) => eventId === built.envelope.id && status === 'delivered');
    return built.envelope.id;
  };
  const contactOf = (contactId: string) =>
    buildEvent(contactCreated, { tenantId, data: { contactId, name: 'Ana', phone: '+51999888777' } });
  const at = new Date().toISOString();
  const contact = { id: gone, name: 'Ana', phone: '+51999888777', email: null, avatarUrl: null, createdAt: at };
  const conversation = {
    ...{ id: conversationId, channelId, contact, status: 'new' as const, archived: false, priority: 'normal' as const },
    ...{ assignedUserId: null, campaignId: null, unreadCount: 0, messageCount: 0, lastMessage: null },
    ...{ lastMessageAt: null, lastInboundAt: null, assignedAt: null, firstResponseAt: null, closedAt: null },
    ...{ createdAt: at, updatedAt: at },
  };
  const first = await tell(contactOf(gone));
  // Only an event of the chat names both; later ones name the chat alone.
  const chat = await tell(buildEvent(conversationCreated, { tenantId, data: { conversation } }));
  const change = {
    ...{ messageId: uuidv7(), conversationId, channelId, providerMessageId: null, at, error: null },
    ...{ status: 'sent' as const, previousStatus: 'pending' as const, direction: 'outbound' as const },
    author: 'user' as const,
  };
  const later = await tell(buildEvent(messageUpdated, { tenantId, data: change }));
  const other = await tell(contactOf(stays));
  const removal = await tell(buildEvent(contactDeleted, { tenantId, data: { contactId: gone } }));
  await eventually(async () => {
    const rows = await fixture.sql`
      select event_id, payload, erased_at from channel_connector.webhook_deliveries where tenant_id = ${tenantId}`;
    const erased = rows.filter(({ erased_at }) => erased_at !== null);
    expect(new Set(erased.map(({ event_id }) => event_id))).toEqual(new Set([first, chat, later]));
    for (const { payload } of erased) expect(JSON.parse(payload)).toMatchObject({ erased: true });
    expect(erased.some(({ payload }) => payload.includes('Ana') || payload.includes(gone))).toBe(false);
    const kept = rows.filter(({ erased_at }) => erased_at === null).map(({ event_id }) => event_id);
    expect(new Set(kept)).toEqual(new Set([other, removal]));
  });
  const [delivery] = (await logOf(made)).items.filter(({ eventId }) => eventId === first);
  const again = await ask<unknown>(connectorApi.replayWebhookDelivery, tenantId, { id: delivery!.id });
  expect(again.status).toBe(409);
});

test('What waits when its contact is removed goes out no more; what the contact writes later does', async () => {
  const made = await endpointOf();
  const { tenantId, receiver } = made;
  await fixture.sandbox.control.planReceiver(receiver, { status: 429, headers: { 'retry-after': '3600' }, times: 1 });
  const contactId = uuidv7();
  const tell = async ({ subject, envelope }: { subject: string; envelope: { id: string } }) => {
    await fixture.bus.js.publish(subject, JSON.stringify(envelope), { msgID: randomUUID() });
    return envelope.id;
  };
  const contactOf = (name: string) => buildEvent(contactCreated, { tenantId, data: { contactId, name, phone: null } });
  const before = await tell(contactOf('Ana'));
  await untilDelivery(made, ({ tries }) => tries === 1);
  const removal = await tell(buildEvent(contactDeleted, { tenantId, data: { contactId } }));
  const after = await tell(contactOf('Ana again'));
  const shows = (expected: Record<string, object>) =>
    eventually(async () => {
      const { items } = await logOf(made);
      const found = items.map((one) => [one.eventId, one]);
      expect(Object.fromEntries(found)).toMatchObject(expected);
    });
  const erased = { status: 'failed', erasedAt: expect.any(String), nextTryAt: null };
  await shows({ [before]: erased, [removal]: { status: 'pending' }, [after]: { status: 'pending' } });
  // The endpoint's rest ends.
  await fixture.sql`update channel_connector.webhook_endpoints set paused_until = null where tenant_id = ${tenantId}`;
  await fixture.sql`update channel_connector.jobs set run_at = now() where tenant_id = ${tenantId}`;
  await shows({ [before]: erased, [removal]: { status: 'delivered' }, [after]: { status: 'delivered' } });
  const received = await fixture.sandbox.control.received(receiver);
  expect(received.map(({ headers }) => headers['webhook-id']).sort()).toEqual([before, removal, after].sort());
});

test('An endpoint that gives no answer delays neither the other one of its tenant nor another tenant', async () => {
  const EVENTS = 120;
  const dead = await endpointOf();
  await fixture.sandbox.control.planReceiver(dead.receiver, { fault: 'hang' });
  const well = await endpointOf({ name: 'well' }, dead.tenantId);
  const neighbour = await endpointOf();
  await Promise.all(Array.from({ length: EVENTS }, () => happen(dead.tenantId)));
  await happen(neighbour.tenantId);
  const received = async ({ receiver }: Made) => (await fixture.sandbox.control.received(receiver)).length;
  await eventually(async () => expect([await received(well), await received(neighbour)]).toEqual([EVENTS, 1]));
  // Eight at a time, each until its deadline: the others still wait for their first try.
  expect(await received(dead)).toBeLessThan(EVENTS);
});

describe('what failed', () => {
  const failAll = async (made: Made, count: number) => {
    await fixture.sandbox.control.planReceiver(made.receiver, { status: 500 });
    await Promise.all(Array.from({ length: count }, () => happen(made.tenantId)));
    await eventually(async () => {
      const { items } = await logOf(made, '?limit=100');
      expect(items.filter(({ tries }) => tries === 1)).toHaveLength(count);
    });
    // As after the last try.
    await fixture.sql`
      update channel_connector.jobs set state = 'done', ended_at = now() where tenant_id = ${made.tenantId}`;
    await fixture.sql`
      update channel_connector.webhook_deliveries set status = 'failed', tries = 8, ended_at = now()
      where tenant_id = ${made.tenantId}`;
    await fixture.sandbox.control.planReceiver(made.receiver, { status: 204 });
  };

  test('is shown page by page and by filters, and sent again all together, with its progress', async () => {
    const made = await endpointOf();
    await failAll(made, 5);
    const first = await logOf(made, '?status=failed&limit=2');
    const second = await logOf(made, `?status=failed&limit=2&cursor=${first.nextCursor}`);
    const last = await logOf(made, `?status=failed&limit=2&cursor=${second.nextCursor}`);
    expect([first, second, last].map(({ items }) => items.length)).toEqual([2, 2, 1]);
    expect(last.nextCursor).toBeNull();
    const later = new Date(Date.now() + 60_000).toISOString();
    for (const query of ['?status=delivered', '?eventType=task.due', `?since=${later}`, '?until=2026-01-01T00:00:00Z'])
      expect((await logOf(made, query)).items).toEqual([]);

    const { status, body } = await ask<WebhookReplay>(connectorApi.replayFailedWebhooks, made.tenantId, {
      id: made.endpoint.id,
      body: { since: made.endpoint.createdAt },
    });
    expect(status).toBe(202);
    await eventually(async () => {
      const replay = await ask<WebhookReplay>(connectorApi.getWebhookReplay, made.tenantId, { id: body.id });
      expect(replay.body).toEqual({ id: body.id, state: 'done', replayed: 5 });
      expect((await logOf(made, '?status=delivered')).items).toHaveLength(5);
    });
  });

  test('can be sent again one by one, under the same id and with all its tries', async () => {
    const made = await endpointOf();
    await failAll(made, 1);
    const [failed] = (await logOf(made)).items;
    const again = () => ask<WebhookDelivery>(connectorApi.replayWebhookDelivery, made.tenantId, { id: failed!.id });
    expect((await again()).body).toMatchObject({ status: 'pending', tries: 0 });
    const delivery = await untilDelivery(made, ({ status }) => status === 'delivered');
    expect(delivery.attempts.map(({ status }) => status)).toEqual([500, 204]);
    const received = await fixture.sandbox.control.received(made.receiver);
    expect(new Set(received.map(({ headers }) => headers['webhook-id']))).toEqual(new Set([failed!.eventId]));
  });
});

describe('the webhookUrl of a channel', () => {
  const rights = [...ALL, 'whatsapp.numbers.manage'];
  const change = async ({ tenantId, id }: { tenantId: string; id: string }, webhookUrl: string | null) =>
    ask(connectorApi.updateChannel, tenantId, { id, body: { webhookUrl }, permissions: rights });
  const endpointsOf = async (tenantId: string) =>
    (await ask<{ items: WebhookEndpoint[] }>(connectorApi.listWebhookEndpoints, tenantId)).body.items;

  test('is an endpoint of its channel, and goes with it', async () => {
    const channel = await createChannel(fixture);
    const receiver = randomUUID();
    const url = `${fixture.sandbox.url}/receivers/${receiver}`;
    await change(channel, url);
    const [endpoint, ...others] = await endpointsOf(channel.tenantId);
    expect(others).toEqual([]);
    expect(endpoint).toMatchObject({ url, channelId: channel.id, channelIds: [channel.id], enabled: true });
    // It may see the channel's events, not those of contacts.
    expect(endpoint!.eventTypes).toContain('channel.updated');
    expect(endpoint!.eventTypes).not.toContain('contact.created');
    await ask(connectorApi.updateChannel, channel.tenantId, {
      id: channel.id,
      body: { name: 'b' },
      permissions: rights,
    });
    await eventually(async () => {
      const bodies = (await fixture.sandbox.control.received(receiver)).map(({ body }) => JSON.parse(body));
      expect(bodies).toContainEqual(expect.objectContaining({ data: expect.objectContaining({ changed: ['name'] }) }));
    });
    await change(channel, null);
    expect(await endpointsOf(channel.tenantId)).toEqual([]);
  });
});

test('A second copy knows of endpoints that the first one makes, and adopts addresses from before', async () => {
  const [made, channel] = [await endpointOf(), await createChannel(fixture)];
  await fixture.sql`
    update channel_connector.channels set webhook_url = 'https://hooks.example.com/' where id = ${channel.id}`;
  const copy = await fixture.start();
  const { knownEndpoints } = copy.deps;
  await eventually(() => expect(knownEndpoints.has(made.tenantId)).toBe(true));
  expect([knownEndpoints.has(channel.tenantId), knownEndpoints.has(randomUUID())]).toEqual([true, false]);
  const later = await endpointOf();
  await eventually(() => expect(knownEndpoints.has(later.tenantId)).toBe(true));
  // It would run the jobs of later tests, by its own settings.
  await copy.stop();
});

/** Lets what waits for its next try be due now. */
async function hurry({ tenantId }: Made): Promise<void> {
  await fixture.sql`
    update channel_connector.jobs set run_at = now() where tenant_id = ${tenantId} and state = 'scheduled'`;
}

describe('an endpoint', () => {
  test('has two secrets after a rotation, and one without overlap', async () => {
    const made = await endpointOf();
    const rotate = (overlapHours: number) =>
      ask<{ secret: string }>(connectorApi.rotateWebhookSecret, made.tenantId, {
        id: made.endpoint.id,
        body: { overlapHours },
      });
    const second = (await rotate(24)).body.secret;
    const test = () => ask(connectorApi.testWebhookEndpoint, made.tenantId, { id: made.endpoint.id });
    expect((await test()).status).toBe(201);
    const received = (nth: number) =>
      eventually(async () => {
        const list = await fixture.sandbox.control.received(made.receiver);
        if (list.length < nth) throw new Error(`${list.length} came`);
        return list[nth - 1]!;
      });
    const first = await received(1);
    for (const secret of [made.secret, second]) {
      expect(new Webhook(secret).verify(first.body, first.headers)).toMatchObject({ data: { name: 'CRM' } });
    }
    const third = (await rotate(0)).body.secret;
    await test();
    const { body, headers } = await received(2);
    expect(() => new Webhook(second).verify(body, headers)).toThrow();
    expect(new Webhook(third).verify(body, headers)).toBeDefined();
  });

  test('shows its secret in no other answer, event or row', async () => {
    const made = await endpointOf();
    const bare = made.secret.slice('whsec_'.length);
    const answers = await Promise.all([
      ask(connectorApi.getWebhookEndpoint, made.tenantId, { id: made.endpoint.id }),
      ask(connectorApi.listWebhookEndpoints, made.tenantId),
    ]);
    expect(JSON.stringify(answers)).not.toContain(bare);
    const rows = await fixture.sql`
      select e.*, (select json_agg(o.*) from channel_connector.outbox o where o.tenant_id = e.tenant_id) as events
      from channel_connector.webhook_endpoints e where e.id = ${made.endpoint.id}`;
    expect(JSON.stringify(rows)).not.toContain(bare);
  });

  test('is unknown to another tenant, on every route', async () => {
    const made = await endpointOf();
    await happen(made.tenantId);
    const delivery = await untilDelivery(made, ({ status }) => status === 'delivered');
    const other = randomUUID();
    const routes = Object.values(connectorApi).filter(({ path }) => /^\/webhook-(?:endp|deliv|repl)\S+:/.test(path));
    expect(routes.length).toBeGreaterThan(8);
    for (const route of routes as RouteContract[]) {
      const id = route.path.includes(':delivery') ? delivery.id : made.endpoint.id;
      const body = BODIES[`${route.method} ${route.path}`];
      const answer = await ask(route, other, { id, ...(body ? { body } : {}) });
      expect([route.path, answer.status]).toEqual([route.path, 404]);
    }
  });

  test.each<[string, object, string[], number, string | null]>([
    ['of a private address', { url: 'http://10.0.0.1/' }, ALL, 422, 'url'],
    ['of no channel of the tenant', { channelIds: [uuidv7()] }, ALL, 422, 'channelIds.0'],
    ['of unknown events', { eventTypes: ['no.such'] }, ALL, 422, 'eventTypes.0'],
    ['of events its maker may not see', { eventTypes: ['message.created'] }, ['webhooks.manage'], 403, null],
    ['of all events for one who sees some', {}, ['webhooks.manage', 'messages.read'], 403, null],
    ['without the permission', {}, ALL.slice(1), 403, null],
  ])('%s is refused', async (_, given, permissions, status, field) => {
    const strict = await strictCopy();
    const answer = await strict.app.inject({
      method: 'POST',
      url: '/webhook-endpoints',
      headers: { authorization: bearer(randomUUID(), permissions) },
      payload: { name: 'x', url: 'https://hooks.example.com/', ...given },
    });
    const { error } = answer.json<{ error: { details?: { field: string }[] } }>();
    expect([answer.statusCode, error.details?.[0]?.field ?? null]).toEqual([status, field]);
  });

  test('that was saved before its name led inside is not reached', async () => {
    const made = await endpointOf();
    const strict = await strictCopy();
    // Only the strict copy runs jobs from here on: its guard looks at the address at connect time.
    await fixture.connector.stop();
    const { body, statusCode } = await strict.app.inject({
      method: 'POST',
      url: `/webhook-endpoints/${made.endpoint.id}/test`,
      headers: { authorization: bearer(made.tenantId, ALL) },
    });
    expect([statusCode, body.length > 0]).toEqual([201, true]);
    await eventually(async () => {
      const [row] = await fixture.sql`
        select attempts from channel_connector.webhook_deliveries where tenant_id = ${made.tenantId}`;
      expect(row!.attempts).toMatchObject([{ status: null, error: 'private_address' }]);
    });
    expect(await fixture.sandbox.control.received(made.receiver)).toEqual([]);
  });
});

const BODIES: Record<string, object> = {
  'PUT /webhook-endpoints/:endpointId': { name: 'x' },
  'POST /webhook-endpoints/:endpointId/secret': {},
  'POST /webhook-endpoints/:endpointId/replay': { since: new Date(0).toISOString() },
};

let strict: ReturnType<Fixture['start']> | undefined;
/** A copy that keeps tenants out of private networks, as in production. */
const strictCopy = () => {
  strict ??= fixture.start({ RECADO_ALLOW_PRIVATE_URLS: '0' });
  return strict;
};
