/**
 * `node services/conversation/bench/store-received.ts [messages] [batch] [contacts]`: how fast
 * received messages become rows, first without NATS, then through the whole service.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { buildEvent, messageReceived, uuidv7 } from '@recado/contracts';
import { connect, type Database, withWorker } from '@recado/database';
import { connectBus } from '@recado/messaging';
import { createLogger } from '@recado/service-kit';
import { internalEnv } from '@recado/testkit';
import { configSchema } from '../src/config.ts';
import { createContactMemory } from '../src/contacts/memory.ts';
import { receiveMessages } from '../src/inbound/receive.ts';
import { startConversation } from '../src/service.ts';
import { startBenchServers } from './servers.ts';

const total = Number(process.argv[2] ?? 50_000);
const batch = Number(process.argv[3] ?? 256);
const CONTACTS = Number(process.argv[4] ?? 2000);
const TENANTS = Array.from({ length: 4 }, () => uuidv7());
const CHANNELS = TENANTS.map(() => randomUUID());

const memory = createContactMemory();
const servers = await startBenchServers();
try {
  const db = connect({ url: servers.workerUrl, name: 'bench', max: 1 });
  await run(db, 'new senders and conversations', Math.min(CONTACTS, total), batch);
  await run(db, 'known senders', total, batch);
  await run(db, 'known senders, one at a time', 2000, 1);
  await runService(db);
  await db.close();
} finally {
  await servers.stop();
}

/**
 * Fills the stream, starts the service and waits until all is stored, and until all of its events
 * are out.
 */
async function runService(db: Database): Promise<void> {
  const log = createLogger({ name: 'bench', level: 'error' });
  const bus = await connectBus({ url: servers.natsUrl, name: 'bench', log });
  await bus.ensureStream('channel-connector');
  for (let i = 0; i < total; i += 500) {
    const events = Array.from({ length: Math.min(500, total - i) }, (_, j) => makeEvent((i + j) % CONTACTS));
    await Promise.all(events.map((e) => bus.js.publish(e.subject, JSON.stringify(e.delivered.envelope))));
  }
  const count = async () => Number((await db.sql`select count(*) from messages`)[0]!.count);
  const unsent = async () => (await db.sql`select from outbox where published_at is null limit 1`).length > 0;
  await db.sql`delete from outbox`; // what the runs before left is not this one's work
  const before = await count();
  const started = performance.now();
  const service = await startConversation(
    configSchema.parse({
      PORT: 0,
      LOG_LEVEL: 'error',
      NATS_URL: servers.natsUrl,
      DATABASE_URL: servers.appUrl,
      DATABASE_WORKER_URL: servers.workerUrl,
      ...internalEnv('conversation'),
    }),
  );
  const rate = () => Math.round(total / ((performance.now() - started) / 1000));
  while ((await count()) < before + total) await new Promise((resolve) => setTimeout(resolve, 100));
  const stored = rate();
  while (await unsent()) await new Promise((resolve) => setTimeout(resolve, 100));
  console.log(`the whole service: ${stored}/s stored, ${rate()}/s stored and told of`);
  await service.stop();
  await bus.close();
}

async function run(db: Database, label: string, count: number, size: number): Promise<void> {
  const events = Array.from({ length: count }, (_, i) => makeEvent(i % CONTACTS).delivered);
  const [backend] = await db.sql`select pg_backend_pid() as pid`;
  const cpuBefore = [process.cpuUsage(), backendCpu(backend!.pid)] as const;
  const started = performance.now();
  for (let i = 0; i < count; i += size) {
    await withWorker(db, (tx) => receiveMessages(tx, events.slice(i, i + size), new Date(), memory));
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

function makeEvent(sender: number) {
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
  });
  const { envelope } = built;
  return {
    subject: built.subject,
    delivered: { envelope, data: envelope.data, tenantId: envelope.tenantid, id: envelope.id, seq: 1, replay: false },
  };
}
