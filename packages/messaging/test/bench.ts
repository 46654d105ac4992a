/**
 * Rates of this package on its own servers: publish by the client and by ours, enqueue by parameter
 * shapes, outbox → stream → consumer. Compare only ratios of one run.
 */
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { buildEvent, defineEvent } from '@recado/contracts';
import { connect, migrate, rolesOf, withWorker } from '@recado/database';
import {
  freePorts,
  planNats,
  planPostgres,
  removeAtEnd,
  spawnProcess,
  stopProcess,
  waitUntilReady,
} from '@recado/testkit/servers';
import { z } from 'zod';
import { connectBus, type EventConsumer, enqueue, type Log, startConsumer, startRelay } from '../src/index.ts';
import { createPublisher } from '../src/relay/publisher.ts';

const COUNT = 20_000;
const log: Log = { debug: () => {}, info: () => {}, warn: console.warn, error: console.error };
const benched = defineEvent(
  'conversation.bench.ran',
  1,
  z.object({
    messageId: z.string(),
    text: z.string(),
    at: z.string(),
    from: z.object({ id: z.string(), name: z.string() }),
  }),
  'For measuring',
);
const tenantId = '0190a0a0-0000-7000-8000-00000000000a';
const event = () =>
  buildEvent(benched, {
    tenantId,
    data: {
      messageId: 'x'.repeat(36),
      text: 'words '.repeat(60),
      at: new Date().toISOString(),
      from: { id: '5511', name: 'N' },
    },
  });

const dir = mkdtempSync(join(tmpdir(), 'recado-bench-'));
chmodSync(dir, 0o711);
removeAtEnd(dir);
const [pgPort, natsPort] = (await freePorts(2)) as [number, number];
const common = { password: randomBytes(8).toString('hex'), say: console.log };
const plans = [
  await planPostgres({ ...common, mode: 'dev', port: pgPort, dataDir: join(dir, 'pg') }),
  await planNats({ ...common, mode: 'dev', port: natsPort, dataDir: join(dir, 'nats') }),
];
const children = [];
for (const plan of plans) {
  await plan.run?.before?.();
  const child = spawnProcess(plan.run!, { file: join(dir, `${plan.name}.log`) });
  children.push({ child, signal: plan.run?.stopSignal });
  await waitUntilReady(plan, 30_000);
}

async function measure(what: string, count: number, work: () => Promise<unknown>): Promise<void> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  await work();
  const ms = performance.now() - start;
  const used = process.cpuUsage(cpu);
  const micros = (used.user + used.system) / count;
  console.log(
    `${what.padEnd(58)} ${Math.round((count / ms) * 1000)
      .toLocaleString('en')
      .padStart(8)}/s  ${micros.toFixed(1).padStart(6)} µs CPU here`,
  );
}

const admin = connect({ url: plans[0]!.url, name: 'bench' });
await migrate({
  adminUrl: plans[0]!.url,
  service: 'scratch',
  schema: 'scratch',
  migrationsFolder: fileURLToPath(new URL('./scratch/migrations', import.meta.url)),
  appPassword: 'bench',
  workerPassword: 'bench',
});
const url = new URL(plans[0]!.url);
url.username = rolesOf('scratch').worker;
url.password = 'bench';
const db = connect({ url: url.href, name: 'bench' });
const bus = await connectBus({ url: plans[1]!.url, name: 'bench', log });
await bus.ensureStream('conversation');

try {
  const payloads = Array.from({ length: COUNT }, () => event()).map(({ subject, envelope }) => ({
    id: envelope.id,
    subject,
    envelope: Buffer.from(JSON.stringify(envelope)),
    events: 1,
    replay: false,
  }));
  console.log(`${payloads[0]!.envelope.length} bytes an event, ${COUNT.toLocaleString('en')} of them\n`);
  for (const inFlight of [256, 1024]) {
    await measure(`js.publish, ${inFlight} in flight`, COUNT, async () => {
      for (let i = 0; i < COUNT; i += inFlight) {
        await Promise.all(
          payloads
            .slice(i, i + inFlight)
            .map((one) => bus.js.publish(one.subject, one.envelope, { msgID: `${inFlight}-${one.id}` })),
        );
      }
    });
  }
  await bus.jsm.streams.purge('RECADO_CONVERSATION');
  await measure('our publisher, 1024 in flight', COUNT, async () => {
    const publisher = createPublisher(bus);
    for (let i = 0; i < COUNT; i += 1024) {
      const part = payloads.slice(i, i + 1024);
      await new Promise<void>((resolve) => {
        let left = part.length;
        for (const one of part) publisher.publish(one, () => --left === 0 && resolve());
      });
    }
    publisher.close();
  });
  await bus.jsm.streams.delete('RECADO_CONVERSATION');

  for (const size of [1, 16, 128, 512]) {
    const total = size === 1 ? 2000 : COUNT;
    await measure(`enqueue, ${size} events a transaction, one after another`, total, async () => {
      for (let i = 0; i < total; i += size) {
        await withWorker(db, (tx) => enqueue(tx, Array.from({ length: size }, event)));
      }
    });
  }
  await measure('one row for each event, by arrays of the driver, 128', COUNT, async () => {
    for (let i = 0; i < COUNT; i += 128) {
      const events = Array.from({ length: 128 }, event);
      await withWorker(
        db,
        (tx) => tx`insert into outbox (id, tenant_id, subject, envelope)
          select * from unnest(${events.map((e) => e.envelope.id)}::uuid[], ${events.map((e) => e.envelope.tenantid)}::uuid[],
            ${events.map((e) => e.subject)}::text[], ${events.map((e) => JSON.stringify(e.envelope))}::text[])`,
      );
    }
  });
  await admin.sql`truncate scratch.outbox`;
  for (let i = 0; i < COUNT; i += 500) await withWorker(db, (tx) => enqueue(tx, Array.from({ length: 500 }, event)));
  let relay = null as ReturnType<typeof startRelay> | null;
  await measure('relay: outbox → stream, backlog', COUNT, async () => {
    relay = startRelay({ db: db.sql, bus, service: 'conversation', log });
    while (relay.stats().published < COUNT || relay.stats().inFlight > 0)
      await new Promise((resolve) => setTimeout(resolve, 5));
  });
  for (const dedupe of ['handler', 'inbox'] as const) {
    let handled = 0;
    let consumer = null as EventConsumer | null;
    await measure(`consumer: stream → empty handler, dedupe ${dedupe}`, COUNT, async () => {
      consumer = startConsumer({
        bus,
        db: db.sql,
        service: 'analytics',
        event: benched,
        dedupe,
        log,
        name: `bench-${dedupe}`,
        handle: async (_tx, events) => {
          handled += events.length;
        },
      });
      while (handled < COUNT) await new Promise((resolve) => setTimeout(resolve, 5));
    });
    await consumer?.stop();
  }

  const latencies: number[] = [];
  const sent = new Map<string, number>();
  const consumer = startConsumer({
    bus,
    db: db.sql,
    service: 'analytics',
    event: benched,
    dedupe: 'handler',
    log,
    name: 'bench-latency',
    handle: async () => {},
    afterCommit: (events) => {
      for (const one of events) {
        const since = sent.get(one.id);
        if (since !== undefined) latencies.push(performance.now() - since);
      }
    },
  });
  // It begins with all that is in the stream.
  const { last_seq } = (await bus.jsm.streams.info('RECADO_CONVERSATION')).state;
  while (
    (await bus.jsm.consumers.info('RECADO_CONVERSATION', consumer.name).catch(() => null))?.ack_floor.stream_seq !==
    last_seq
  ) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  for (let i = 0; i < 300; i++) {
    const one = event();
    sent.set(one.envelope.id, performance.now());
    await withWorker(db, (tx) => enqueue(tx, one));
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  while (latencies.length < 300) await new Promise((resolve) => setTimeout(resolve, 20));
  latencies.sort((a, b) => a - b);
  console.log(
    `begin of enqueue → handled and committed, 100/s: p50 ${latencies[150]!.toFixed(1)} ms, p99 ${latencies[297]!.toFixed(1)} ms`,
  );
  await consumer.stop();
  await relay!.stop();
} finally {
  await bus.close();
  await Promise.all([db.close(), admin.close()]);
  for (const { child, signal } of children.reverse()) await stopProcess(child, signal);
  rmSync(dir, { recursive: true, force: true });
}
