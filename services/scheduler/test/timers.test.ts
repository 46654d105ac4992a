import { uuidv7 } from '@recado/contracts';
import { eventually } from '@recado/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Scheduler } from '../src/service.ts';
import { cancel, createFixture, type Fixture, firedEvents, listTimers, longEnough, order, settled } from './support.ts';

let fixture: Fixture;
let copies: Scheduler[];
beforeAll(async () => {
  fixture = await createFixture();
  copies = await Promise.all([fixture.start(), fixture.start()]);
});
afterAll(async () => {
  await Promise.all(copies.map((copy) => copy.stop()));
  await fixture.drop();
});

const fired = (tenantId: string) => firedEvents(fixture, tenantId);
const ago = (seconds: number) => new Date(Date.now() - seconds * 1000);

describe('a timer', () => {
  it('fires once, not before its time and with its payload, though two copies run', async () => {
    const tenant = uuidv7();
    await fixture.publish([order(tenant, 'reply', 300, new Date(), { conversationId: 'c1' })]);
    const [event] = await eventually(async () => {
      const events = await fired(tenant);
      expect(events).toMatchObject([{ key: 'reply', owner: 'ai-responder', payload: { conversationId: 'c1' } }]);
      expect(events[0]!.published).toBe(true);
      return events;
    });
    expect(event!.firedAt >= event!.fireAt).toBe(true);
    await longEnough();
    expect(await fired(tenant)).toHaveLength(1);
  });

  it('that is overdue when it is ordered fires at once', async () => {
    const tenant = uuidv7();
    await fixture.publish([order(tenant, 'late', -60_000)]);
    await eventually(async () => expect(await fired(tenant)).toHaveLength(1));
  });

  it('is moved by a later order', async () => {
    const tenant = uuidv7();
    await fixture.publish([order(tenant, 'k', 400, ago(20)), order(tenant, 'k', 3_600_000, ago(10))]);
    await settled(fixture);
    await longEnough();
    expect(await fired(tenant)).toEqual([]);
    await fixture.publish([order(tenant, 'k', 0)]);
    await eventually(async () => expect(await fired(tenant)).toHaveLength(1));
  });

  it('is not moved by an earlier order that comes late', async () => {
    const tenant = uuidv7();
    await fixture.publish([order(tenant, 'k', 3_600_000, ago(10))]);
    await settled(fixture);
    await fixture.publish([order(tenant, 'k', 0, ago(20))]);
    await settled(fixture);
    await longEnough();
    expect(await fired(tenant)).toEqual([]);
  });

  it('that was cancelled does not fire', async () => {
    const tenant = uuidv7();
    await fixture.publish([order(tenant, 'k', 500, ago(20)), cancel(tenant, 'k', ago(10))]);
    await settled(fixture);
    await longEnough();
    expect(await fired(tenant)).toEqual([]);
    expect((await listTimers(copies[0]!, tenant)).body.items).toMatchObject([
      { key: 'k', state: 'cancelled', payload: {} },
    ]);
  });

  it('does not fire when its cancellation overtook the order, unless it is ordered again', async () => {
    const tenant = uuidv7();
    await fixture.publish([cancel(tenant, 'k', ago(10))]);
    await settled(fixture);
    await fixture.publish([order(tenant, 'k', 0, ago(20))]);
    await settled(fixture);
    await longEnough();
    expect(await fired(tenant)).toEqual([]);
    await fixture.publish([order(tenant, 'k', 0)]);
    await eventually(async () => expect(await fired(tenant)).toHaveLength(1));
  });

  it('does not fire again when its order is repeated, but does after a new order', async () => {
    const tenant = uuidv7();
    const first = order(tenant, 'k', 0, ago(20));
    await fixture.publish([first]);
    await eventually(async () => expect(await fired(tenant)).toHaveLength(1));
    // A lost stream is published again: same event, not recognised by NATS.
    await fixture.bus.js.publish(first.subject, JSON.stringify(first.envelope));
    await settled(fixture);
    await longEnough();
    expect(await fired(tenant)).toHaveLength(1);
    await fixture.publish([order(tenant, 'k', 0)]);
    await eventually(async () => expect(await fired(tenant)).toHaveLength(2));
  });

  it('stays fired when it is cancelled too late', async () => {
    const tenant = uuidv7();
    await fixture.publish([order(tenant, 'k', 0, ago(20))]);
    await eventually(async () => expect(await fired(tenant)).toHaveLength(1));
    await fixture.publish([cancel(tenant, 'k')]);
    await settled(fixture);
    expect((await listTimers(copies[1]!, tenant)).body.items).toMatchObject([
      { state: 'fired', payload: { key: 'k' } },
    ]);
  });

  it('with a payload that is too large does not delay the others', async () => {
    const [greedy, tenant] = [uuidv7(), uuidv7()];
    const large = order(greedy, 'k', 0, new Date(), { text: 'x'.repeat(70_000) });
    await fixture.publish([large, order(tenant, 'k', 0)]);
    await eventually(async () => expect(await fired(tenant)).toHaveLength(1));
    expect(await fired(greedy)).toEqual([]);
  });
});

describe('a flood', () => {
  it('of 3,000 timers fires each once, and does not block another tenant', async () => {
    const [flooded, quiet] = [uuidv7(), uuidv7()];
    await fixture.sql`
      insert into scheduler.timers (tenant_id, id, owner, key, fire_at, state, payload, event_time, event_id)
      select ${flooded}::uuid, gen_random_uuid(), 'ai-responder', n::text, now() - interval '1 minute', 'armed', '{}'::jsonb, now(),
             gen_random_uuid()
      from generate_series(1, 3000) n
      union all
      select ${quiet}::uuid, gen_random_uuid(), 'ai-responder', 'k', now() - interval '1 second', 'armed', '{}'::jsonb, now(),
             gen_random_uuid()`;
    await eventually(async () => expect(await fired(flooded)).toHaveLength(3000));
    const events = await fired(flooded);
    expect(new Set(events.map((event) => event.key)).size).toBe(3000);
    const [other] = await fired(quiet);
    // By due time alone it would have been the last.
    expect(events.filter((event) => event.firedAt > other!.firedAt).length).toBeGreaterThan(0);
  });
});

describe('the list of timers', () => {
  it('shows a tenant its own, the next to fire first, by pages', async () => {
    const [tenant, other] = [uuidv7(), uuidv7()];
    await fixture.publish([
      ...[3, 1, 2, 5, 4].map((n) => order(tenant, `k${n}`, n * 3_600_000)),
      order(other, 'theirs', 3_600_000),
    ]);
    await settled(fixture);
    const keys: string[] = [];
    let cursor: string | null = null;
    do {
      const page = await listTimers(copies[0]!, tenant, { limit: '2', ...(cursor ? { cursor } : {}) });
      expect(page.status).toBe(200);
      expect(page.body.items.length).toBeLessThanOrEqual(2);
      keys.push(...page.body.items.map((timer) => timer.key));
      cursor = page.body.nextCursor;
    } while (cursor);
    expect(keys).toEqual(['k1', 'k2', 'k3', 'k4', 'k5']);
    expect((await listTimers(copies[0]!, tenant, { state: 'fired' })).body.items).toEqual([]);
    expect((await listTimers(copies[0]!, tenant, { owner: 'conversation' })).body.items).toEqual([]);
    expect((await listTimers(copies[0]!, tenant, { cursor: 'nonsense' })).status).toBe(400);
  });
});
