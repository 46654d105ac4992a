/**
 * `node services/conversation/bench/search-messages.ts [messages]`: how long searches take in one
 * tenant's messages, 1,000,000 unless said, beside 20 tenants with a tenth of them.
 */
import { uuidv7 } from '@recado/contracts';
import { connect, withWorker } from '@recado/database';
import { segmentsOf } from '../src/search/segment.ts';
import { insertSegments, selectBefore } from '../src/search/store.ts';
import { findMatches } from '../src/search/walk.ts';
import { parseQuery } from '../src/search/words.ts';
import { startBenchServers } from './servers.ts';

const total = Number(process.argv[2] ?? 1_000_000);
const RUNS = 40;
const TENANT = '11111111-0000-4000-8000-000000000000';
const TENANTS = [TENANT, ...Array.from({ length: 20 }, () => uuidv7())];
const VOCABULARY = 20_000;
const FREQUENT = ['de', 'la', 'que', 'el', 'en', 'hola', 'y', 'a', 'por', 'para', 'gracias', 'pedido'];
const PARTS = ['pa', 'car', 'mon', 'te', 'lí', 'nu', 'gran', 'so', 'ver', 'ci', 'ón', 'mar', 'per', 'do', 'fac', 'tu'];

/** The word of a rank; the most frequent is the first. */
const word = (rank: number): string =>
  FREQUENT[rank] ?? [rank % 16, (rank >> 4) % 16, (rank >> 8) % 16, rank >> 12].map((i) => PARTS[i]).join('');
/** 2 to 26 words of a person: the hundredth is a hundredth as frequent as the first. */
const sentence = (): string =>
  Array.from({ length: 2 + Math.floor(Math.random() * Math.random() * 24) }, () =>
    word(Math.floor(VOCABULARY ** Math.random()) - 1),
  ).join(' ');

const servers = await startBenchServers();
const db = connect({ url: servers.appUrl, name: 'bench', max: 10 });
const workerDb = connect({ url: servers.workerUrl, name: 'bench-worker', max: 4 });
try {
  await fill();
  await index();
  for (const query of queries()) await measure(query);
} finally {
  await Promise.all([db.close(), workerDb.close()]);
  await servers.stop();
}

async function fill(): Promise<void> {
  const all = Math.round(total * 1.1);
  const start = Date.now() - all * 10_000;
  for (let i = 0; i < all; i += 5000) {
    const count = Math.min(5000, all - i);
    const at = Array.from({ length: count }, (_, j) => start + (i + j) * 10_000);
    const tenants = at.map((_, j) => (j % 11 === 0 ? TENANTS[1 + ((i + j) % 20)]! : TENANT));
    await workerDb.sql`
      insert into messages (tenant_id, id, conversation_id, channel_id, direction, type, content, status, author, sent_time)
      select t, id, gen_random_uuid(), gen_random_uuid(), 'inbound', 'text', c, 'delivered', 'contact', at
      from unnest(${tenants}::uuid[], ${at.map((ms) => uuidv7(ms))}::uuid[], ${at.map(sentence)}::text[],
                  ${at.map((ms) => new Date(ms).toISOString())}::text[]::timestamptz[]) as n (t, id, c, at)`;
  }
  await workerDb.sql`analyze messages`.catch(() => {});
}

async function index(): Promise<void> {
  const started = performance.now();
  for (const tenant of TENANTS) {
    let before: string | null = null;
    for (let isMore = true; isMore; ) {
      isMore = await withWorker(workerDb, async (tx) => {
        const rows = await selectBefore(tx, tenant, before, 1000);
        const segments = segmentsOf(tenant, rows.toReversed());
        await insertSegments(
          tx,
          tenant,
          segments.map((segment) => ({ ...segment, id: uuidv7() })),
        );
        before = rows.at(-1)?.id ?? null;
        return rows.length === 1000;
      });
    }
  }
  const [size] = await workerDb.sql`select pg_total_relation_size('search_segments')::float8 as bytes`;
  const rate = Math.round((total * 1.1) / ((performance.now() - started) / 1000));
  console.log(`read in: ${rate} messages/s; ${Math.round(size!.bytes / (total * 1.1))} bytes a message`);
}

function queries(): string[] {
  const [often, seldom, rare] = [word(30), word(300), word(9000)];
  return [
    'de',
    'hola',
    often,
    seldom,
    rare,
    'hola pedido',
    `hola ${seldom}`,
    `"de la"`,
    'pac*',
    'nada',
    `"${often} hola"`,
  ];
}

async function measure(text: string): Promise<void> {
  const query = { query: text, limit: 50, sort: 'time' as const };
  const times: number[] = [];
  let found = 0;
  for (let i = 0; i < RUNS; i++) {
    const started = performance.now();
    const search = { db, workerDb, tenantId: TENANT, terms: parseQuery(text), query, place: null, wanted: 51 };
    found = (await findMatches({ ...search, deadline: started + 3000 })).matches.length;
    times.push(performance.now() - started);
  }
  times.sort((a, b) => a - b);
  const ms = (share: number) => `${times[Math.min(RUNS - 1, Math.floor(RUNS * share))]!.toFixed(1)} ms`;
  console.log(`${text.padEnd(28)} ${String(found).padStart(5)} found  p50 ${ms(0.5)}  p95 ${ms(0.95)}  max ${ms(1)}`);
}
