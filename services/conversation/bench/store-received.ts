/**
 * How fast received messages become rows, without NATS: batches through storeReceived() on one connection, Postgres with
 * fsync. `node services/conversation/bench/store-received.ts [messages] [batch] [contacts]`. Prints messages a second, and the CPU
 * time of this process and of the Postgres backend per message, which other work on the machine disturbs less.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildEvent, messageReceived, uuidv7 } from '@recado/contracts';
import { connect, type Database, migrate, withWorker } from '@recado/database';
import type { Delivered } from '@recado/messaging';
import { freePort, planPostgres, spawnProcess, stopProcess, waitUntilReady } from '@recado/testkit/servers';
import { storeReceived } from '../src/consumers/message-received.ts';

const total = Number(process.argv[2] ?? 50_000);
const batch = Number(process.argv[3] ?? 256);
const CONTACTS = Number(process.argv[4] ?? 2000);
const TENANTS = Array.from({ length: 4 }, () => uuidv7());
const CHANNELS = TENANTS.map(() => randomUUID());

const dir = mkdtempSync(join(tmpdir(), 'recado-bench-'));
chmodSync(dir, 0o711);
const plan = await planPostgres({
  mode: 'dev',
  port: await freePort(),
  dataDir: join(dir, 'postgres'),
  password: randomBytes(8).toString('hex'),
});
await plan.run?.before?.();
const server = plan.run ? spawnProcess(plan.run, { file: join(dir, 'log') }) : null;
try {
  await waitUntilReady(plan);
  const passwords = { appPassword: 'app', workerPassword: 'worker' };
  const migrationsFolder = new URL('../migrations', import.meta.url).pathname;
  await migrate({
    adminUrl: plan.url,
    service: 'conversation',
    schema: 'conversation',
    migrationsFolder,
    ...passwords,
  });
  const url = new URL(plan.url);
  url.username = 'recado_conversation_worker';
  url.password = 'worker';
  const db = connect({ url: url.href, name: 'bench', max: 1 });
  await run(db, `new senders and conversations`, Math.min(CONTACTS, total), batch);
  await run(db, 'known senders', total, batch);
  await run(db, 'known senders, one message at a time', 2000, 1);
  await db.close();
} finally {
  if (server) await stopProcess(server, 'SIGINT', 4000);
  rmSync(dir, { recursive: true, force: true });
}

async function run(db: Database, label: string, count: number, size: number): Promise<void> {
  const events = Array.from({ length: count }, (_, i) => makeEvent(i % CONTACTS));
  const [backend] = await db.sql`select pg_backend_pid() as pid`;
  const cpuBefore = [process.cpuUsage(), backendCpu(backend!.pid)] as const;
  const started = performance.now();
  for (let i = 0; i < count; i += size) {
    await withWorker(db, (tx) => storeReceived(tx, events.slice(i, i + size), new Date()));
  }
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(cpuBefore[0]);
  const pg = (backendCpu(backend!.pid) - cpuBefore[1]) * 1e6;
  console.log(
    `${label}, batches of ${size}: ${Math.round(count / seconds)}/s; CPU per message: ` +
      `here ${((user + system) / count).toFixed(0)} µs, Postgres ${(pg / count).toFixed(0)} µs`,
  );
}

/** Seconds of CPU a process has used (fields 14 and 15 of its stat, in hundredths of a second). */
function backendCpu(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function makeEvent(sender: number): Delivered<typeof built.data> {
  const waId = `51999${String(sender).padStart(6, '0')}`;
  const now = new Date().toISOString();
  const built = buildEvent(messageReceived, {
    tenantId: TENANTS[sender % 4]!,
    data: {
      channelId: CHANNELS[sender % 4]!,
      provider: 'meta',
      providerMessageId: `wamid.HBgLNTE5OTk4ODg3NzcVAgASGBQz${randomBytes(16).toString('base64')}`,
      from: { waId, phone: `+${waId}`, userId: null, name: 'Ana Cliente' },
      type: 'text',
      content: 'Hola, necesito información sobre los precios del plan empresarial, por favor',
      metadata: null,
      replyToProviderMessageId: null,
      sentTime: now,
      receivedAt: now,
    },
  }).envelope;
  return { envelope: built, data: built.data, tenantId: built.tenantid, id: built.id, seq: 1, replay: false };
}
