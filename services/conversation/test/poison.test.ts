import { randomUUID } from 'node:crypto';
import { buildEvent, type EventData, permissionsOf, timerFired } from '@recado/contracts';
import { eventually } from '@recado/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningConversation } from '../src/service.ts';
import { createFixture, type Fixture, type Person, person, received } from './setup.ts';

// Postgres refuses what a handler writes for one company, at each try.

let fixture: Fixture;
let service: RunningConversation;
beforeAll(async () => {
  fixture = await createFixture('poison');
  await fixture.bus.ensureStream('scheduler');
  service = await fixture.start({ eventPausesMs: [20, 20, 20, 20, 20, 20, 20] });
});
afterAll(() => fixture.close());

const ask = async (who: Person, method: 'GET' | 'POST', url: string, payload?: object) => {
  const answer = await service.app.inject({ method, url, headers: who.headers, ...(payload ? { payload } : {}) });
  expect(answer.statusCode, answer.body).toBeLessThan(300);
  return answer.json();
};
const admin = () => person({ role: 'admin', permissions: permissionsOf('admin') });

/** Refuses each row that a company adds to a table. */
async function refuse(table: string, { tenantId }: Person): Promise<void> {
  const name = `poison_${randomUUID().replaceAll('-', '')}`;
  await fixture.admin.sql.unsafe(`
    create function public.${name}() returns trigger language plpgsql as $$
      begin raise exception 'poison' using errcode = 'data_exception'; end $$;
    create trigger ${name} before insert on conversation.${table} for each row
      when (new.tenant_id = '${tenantId}') execute function public.${name}()`);
}

const parked = ({ tenantId }: Person) => fixture.admin.sql<{ consumer: string; tries: number; error: string }[]>`
  select consumer, tries, error from conversation.dead_letters where tenant_id = ${tenantId}`;
const rowsOf = async (table: string, { tenantId }: Person) => {
  const [row] = await fixture.admin.sql<{ count: number }[]>`
    select count(*)::int as count from ${fixture.admin.sql(`conversation.${table}`)} where tenant_id = ${tenantId}`;
  return row!.count;
};

const says = ({ tenantId }: Person) => received(tenantId, { channelId: tenantId, sentTime: new Date().toISOString() });
const timer = (who: Person, key: string) => {
  const at = new Date().toISOString();
  const data: EventData<typeof timerFired> = { owner: 'conversation', key, fireAt: at, firedAt: at, payload: {} };
  return buildEvent(timerFired, { tenantId: who.tenantId, data });
};
const addRule = (who: Person) =>
  ask(who, 'POST', '/rules', { name: 'r', event: 'message.received', actions: [{ type: 'tag', name: 'a' }] });
async function addCampaign(who: Person): Promise<void> {
  fixture.channels.set(who.tenantId, { id: who.tenantId, provider: 'meta', tenantId: who.tenantId });
  const body = { name: 'Ventas', code: 'V', timezone: 'America/Lima', slaFirstResponseSeconds: 60 };
  const { id } = await ask(who, 'POST', '/campaigns', body);
  await ask(who, 'POST', `/campaigns/${id}/numbers`, { channelIds: [who.tenantId] });
}

describe('an event that always fails is parked after its tries, and the next is handled', () => {
  it.each([
    ['rules', 'jobs', addRule, (who: Person) => says(who)],
    ['clocks', 'conversation_clocks', addCampaign, (who: Person) => says(who)],
    [
      'scheduled messages',
      'jobs',
      async () => undefined,
      (who: Person) => timer(who, `scheduled-message:${randomUUID()}`),
    ],
    ['surveys', 'jobs', async () => undefined, (who: Person) => timer(who, `survey-ask:${randomUUID()}`)],
  ] as const)('in the consumer of %s', async (_, table, prepare, event) => {
    const [ill, well] = [admin(), admin()];
    for (const who of [ill, well]) {
      await fixture.know(who.tenantId);
      await prepare(who);
    }
    await refuse(table, ill);
    const before = await rowsOf(table, ill);
    await fixture.publish([event(ill)]);
    await fixture.publish([event(well)]);
    await eventually(async () => expect(await rowsOf(table, well)).toBeGreaterThan(before));
    const letters = await eventually(async () => {
      const found = await parked(ill);
      expect(found.length).toBeGreaterThan(0);
      return found;
    });
    for (const letter of letters) expect(letter).toMatchObject({ tries: 8, error: expect.stringContaining('poison') });
    expect(await rowsOf(table, ill)).toBe(before);
    expect(await parked(well)).toHaveLength(0);
    // Its consumer goes on.
    const count = await rowsOf(table, well);
    const again = admin();
    await fixture.know(again.tenantId);
    await prepare(again);
    await fixture.publish([event(again)]);
    await eventually(async () => expect(await rowsOf(table, again)).toBe(count));
  });
});
