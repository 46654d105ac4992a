import { aiResponderApi, uuidv7 } from '@recado/contracts';
import { eventually } from '@recado/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { AiResponder } from '../src/service.ts';
import { call, createFixture, type Fixture } from './support.ts';

let fixture: Fixture;
let ai: AiResponder;
beforeAll(async () => {
  fixture = await createFixture();
  ai = fixture.ai;
});
afterAll(() => fixture.stop());

async function tenantWithAi(): Promise<string> {
  const tenantId = uuidv7();
  await call(ai, aiResponderApi.updateConfig, {
    tenantId,
    body: { enabled: true, settings: { responseDelay: 0 } },
  });
  return tenantId;
}
const stateIs = (id: string, state: string) => eventually(async () => expect(await fixture.stateOf(id)).toBe(state));
const replies = (tenantId: string) => fixture.published<{ inboundMessageId: string }>(tenantId, 'reply.requested');

/** A waiting reply, as both versions write it. */
async function heard(tenantId: string, text: string) {
  const said = await fixture.hear(tenantId, text);
  await stateIs(said.message.id, 'waiting');
  return said;
}
/** What the version before claims: due rows and those whose lease ran out. */
const claimable = (id: string) => fixture.sql`
  select 1 from ai_responder.pending_replies
  where inbound_message_id = ${id} and state in ('due', 'working') and next_try_at <= now()`;

it('Replies that the version before left due, or under a lease that ran out, are answered once', async () => {
  const tenantId = await tenantWithAi();
  const [due, lost] = [await heard(tenantId, 'quedó lista'), await heard(tenantId, 'quedó a medias')];
  await ai.stop();
  await fixture.sql`
    update ai_responder.pending_replies set state = 'due', next_try_at = now() where inbound_message_id = ${due.message.id}`;
  await fixture.sql`
    update ai_responder.pending_replies set state = 'working', claims = 1, lease_id = ${uuidv7()}, next_try_at = now()
    where inbound_message_id = ${lost.message.id}`;
  ai = await fixture.addCopy();
  await stateIs(due.message.id, 'done');
  await stateIs(lost.message.id, 'done');
  const answered = (await replies(tenantId)).map((reply) => reply.inboundMessageId);
  expect(answered.sort()).toEqual([due.message.id, lost.message.id].sort());
});

it('A reply in the hands of the version before is left to it, and its result is kept', async () => {
  const tenantId = await tenantWithAi();
  const { message, conversationId } = await heard(tenantId, 'la tiene la otra');
  const leaseId = uuidv7();
  // The timer reached this version, but the other copy took the row first.
  await fixture.sql`
    update ai_responder.pending_replies set state = 'working', claims = 1, lease_id = ${leaseId}, next_try_at = now() + interval '45 seconds'
    where inbound_message_id = ${message.id}`;
  await fixture.sql`
    insert into ai_responder.jobs (tenant_id, id, name, key, state, data, run_at)
    values (${tenantId}, ${uuidv7()}, 'reply', ${message.id}, 'queued', ${fixture.sql.json({ inboundMessageId: message.id })}, now())`;
  await eventually(async () => {
    const rows = await fixture.sql`
      select 1 from ai_responder.jobs where tenant_id = ${tenantId} and state = 'scheduled' and claim > 0`;
    expect(rows).toHaveLength(1);
  });
  expect(
    await fixture.sql`
    update ai_responder.pending_replies set state = 'done', lease_id = null
    where inbound_message_id = ${message.id} and state = 'working' and lease_id = ${leaseId} returning 1`,
  ).toHaveLength(1);
  await fixture.sql`update ai_responder.jobs set run_at = now() where tenant_id = ${tenantId}`;
  await eventually(async () => {
    const rows = await fixture.sql`select 1 from ai_responder.jobs where tenant_id = ${tenantId} and state = 'done'`;
    expect(rows).toHaveLength(1);
  });
  expect(await replies(tenantId)).toEqual([]);
  expect((await fixture.calls()).filter((row) => JSON.stringify(row.messages).includes(conversationId))).toEqual([]);
});

it('A reply of this version is not claimed by the version before, until it has waited for ten minutes', async () => {
  const tenantId = await tenantWithAi();
  await fixture.sandbox.scriptAi({ match: 'despacio', delayMs: 1500 });
  const { message, conversationId } = await heard(tenantId, 'despacio');
  await fixture.fire(tenantId, conversationId);
  await stateIs(message.id, 'working');
  expect(await claimable(message.id)).toHaveLength(0);
  const [row] = await fixture.sql<{ minutes: number }[]>`
    select extract(epoch from next_try_at - now())::float8 / 60 as minutes
    from ai_responder.pending_replies where inbound_message_id = ${message.id}`;
  expect(row!.minutes).toBeGreaterThan(9);
  expect(row!.minutes).toBeLessThanOrEqual(10);
  await stateIs(message.id, 'done');
  expect(await replies(tenantId)).toHaveLength(1);
});
