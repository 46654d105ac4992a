import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { buildEvent, connectorApi, contactCreated, uuidv7, type WebhookEndpoint } from '@recado/contracts';
import { eventually } from '@recado/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bearer, createFixture, type Fixture } from './support.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await createFixture();
});
afterAll(() => fixture.stop());

const COUNT = 150;

async function createEndpoint(tenantId: string, receiver: string): Promise<WebhookEndpoint> {
  const answer = await fixture.connector.app.inject({
    method: 'POST',
    url: connectorApi.createWebhookEndpoint.path,
    headers: { authorization: bearer(tenantId, ['webhooks.manage', 'contacts.read']) },
    payload: {
      name: 'CRM',
      url: `${fixture.sandbox.url}/receivers/${receiver}`,
      eventTypes: ['contact.created'],
    },
  });
  expect(answer.statusCode, answer.body).toBe(201);
  return answer.json<{ endpoint: WebhookEndpoint }>().endpoint;
}

/** A connector in a process of its own, for a death that nothing is told of. */
const startDoomed = () =>
  spawn(process.execPath, [fileURLToPath(new URL('../src/main.ts', import.meta.url))], {
    env: { ...process.env, ...fixture.environment },
    stdio: ['ignore', 'ignore', 'inherit'],
  });

test('A connector that is killed with webhooks under way loses none, and a repeat has the same id', async () => {
  const [tenantId, receiver] = [randomUUID(), randomUUID()];
  await createEndpoint(tenantId, receiver);
  const { planReceiver, received } = fixture.sandbox.control;
  await planReceiver(receiver, { delayMs: 500 });
  await fixture.connector.stop();
  const doomed = startDoomed();
  const ids: string[] = [];
  for (let i = 0; i < COUNT; i++) {
    const data = { contactId: uuidv7(), name: `Ana ${i}`, phone: null };
    const { subject, envelope } = buildEvent(contactCreated, { tenantId, data });
    await fixture.bus.js.publish(subject, JSON.stringify(envelope), { msgID: envelope.id });
    ids.push(envelope.id);
  }
  // Some are through, others on their way.
  await eventually(async () => expect((await received(receiver)).length).toBeGreaterThan(20));
  doomed.kill('SIGKILL');
  await once(doomed, 'exit');
  const running = await fixture.sql`
    update channel_connector.jobs set run_at = now() where tenant_id = ${tenantId} and state = 'running' returning id`;
  expect(running.length).toBeGreaterThan(0);

  await planReceiver(receiver, {});
  fixture.connector = await fixture.start();
  await eventually(async () => {
    const [row] = await fixture.sql`
      select count(*)::int as n from channel_connector.webhook_deliveries
      where tenant_id = ${tenantId} and status = 'delivered'`;
    expect(row!.n).toBe(COUNT);
  });
  const byId = Map.groupBy(await received(receiver), ({ headers }) => headers['webhook-id']!);
  expect(new Set(byId.keys())).toEqual(new Set(ids));
  for (const same of byId.values()) expect(new Set(same.map(({ body }) => body)).size).toBe(1);
  // What the dead one had begun was begun again.
  expect([...byId.values()].some((same) => same.length > 1)).toBe(true);
}, 90_000);
