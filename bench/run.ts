import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { SERVICES, type ServiceName } from '@recado/contracts';
import { createSandboxControl } from '@recado/sandbox';
import postgres from 'postgres';
import { type Mesh, startMesh } from '../infra/local/mesh.ts';
import { internalTokensOf } from '../infra/local/secrets.ts';
import { createTenant, type TestTenant } from '../tests/support/tenant.ts';
import { collect } from '../tests/system/faults/collector.ts';
import { startInbound } from '../tests/system/faults/drivers.ts';
import { benchBurst } from './burst.ts';
import { startCeiling } from './ceiling.ts';
import { benchCost, type Work } from './cost.ts';
import { benchEdge } from './edge.ts';
import { benchFairness } from './fairness.ts';
import { benchImports } from './imports.ts';
import { quantiles, requestBytes, runLoad } from './load.ts';
import { benchPace } from './pace.ts';
import { hottest, profileEnv } from './profile.ts';
import { createReport, type Figure } from './report.ts';
import { benchSends, sendWork } from './sends.ts';
import { benchSockets } from './sockets.ts';
import { STATEMENT_SETTINGS } from './statements.ts';
import { benchStreamBytes } from './stream-bytes.ts';
import { webhookCount, webhookLoad } from './webhook-load.ts';

const HELP = `Measures the mesh beside ceilings of the same run; everything on this machine. See bench/README.md.

  npm run bench                       all figures
  npm run bench -- --only accept      some of: memory, accept, burst, sends, pace, import, socket, gateway, edge (a,b)
  npm run bench -- --only pace --long a broadcast of ten minutes at 80 a second instead of one of 60 s;
                                      --orders 1000 for so many messages in one order
  npm run bench -- --only cost --webhooks 20000 --profile conversation
                                      processor time of each process per webhook; and where that one spends it
  npm run bench -- --only send-cost   the same per message that is sent
  npm run bench -- --only streams     bytes of an AI exchange in each stream
  npm run bench -- --only fairness    100,000 messages of one company beside another's; --in-one 1 for one
                                      in each webhook instead of 100
  npm run bench -- --only sockets     2,000 sockets on one gateway; --sockets 10000 for so many
  npm run bench -- --seconds 8        length of each load`;

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    seconds: { type: 'string', default: '8' },
    webhooks: { type: 'string', default: '20000' },
    messages: { type: 'string', default: '100000' },
    'in-one': { type: 'string', default: '100' },
    sockets: { type: 'string', default: '2000' },
    orders: { type: 'string', default: '100' },
    profile: { type: 'string' },
    long: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
if (values.help) {
  console.log(HELP);
  process.exit(0);
}
const seconds = Number(values.seconds);
/** Webhooks by which both sides compile their hot paths before they are measured. */
const WARM_UP = 20_000;
/** How often accepting is measured beside its ceiling. */
const ROUNDS = 5;
const wants = (name: string) => !values.only || values.only.split(',').includes(name);
const report = createReport();

const dataDir = await mkdtemp(join(tmpdir(), 'recado-bench-'));
// Only on request: what it needs (a slower Postgres, a profiler) would show in the other figures.
const costs = values.only === 'cost' || values.only === 'send-cost';
/** Figures that are shown, and not reached or missed. */
const shown = ['cost', 'send-cost', 'streams', 'fairness'].includes(values.only ?? '');
const profiles = join(dataDir, 'profile');
const profiled = values.profile as ServiceName | undefined;
const profileOf = (name: ServiceName) => (costs && name === profiled ? profileEnv(profiles) : {});
const mesh = await startMesh({
  dataDir,
  logLevel: 'warn',
  onLine: (line) => values.verbose && console.log(line),
  env: { RECADO_DEFAULT_PLAN: 'enterprise', RECADO_MAX_CONNECTIONS_PER_ADDRESS: '20000' },
  ...(costs ? { postgresSettings: STATEMENT_SETTINGS } : {}),
  envOf: {
    // What numbers may receive by their plan.
    'channel-connector': { RECADO_RATE_LIMIT_FACTOR: '1', ...profileOf('channel-connector') },
    ...(profiled && profiled !== 'channel-connector' ? { [profiled]: profileOf(profiled) } : {}),
  },
});
const sandbox = createSandboxControl(mesh.urls.sandbox);
const sql = postgres(mesh.servers.databaseUrl, { max: 2, onnotice: () => undefined });
let reached = false;
try {
  if (wants('memory')) await benchMemory(mesh);
  const tenant = await createTenant(mesh.urls.gateway, sandbox);
  if (wants('gateway')) await benchGateway(mesh, tenant);
  if (wants('edge')) report.add(await benchEdge(mesh, tenant, seconds / 2));
  if (wants('socket')) await benchSocket(mesh, tenant);
  if (wants('accept')) await benchAccept(mesh, tenant);
  if (wants('burst')) await addAll(benchBurst(mesh, sandbox, sql));
  if (wants('sends')) await addAll(benchSends(mesh, sandbox, sql, tenant, seconds));
  if (wants('pace'))
    await addAll(benchPace(mesh, sandbox, sql, { seconds: values.long ? 600 : 60, inOrder: Number(values.orders) }));
  if (values.only === 'sockets') await addAll(showSockets(tenant));
  if (wants('import')) await addAll(benchImports(mesh, tenant, residentMb));
  if (values.only === 'streams') await benchStreamBytes(mesh, sql, sandbox, 60);
  else if (values.only === 'fairness') await showFairness(tenant);
  else if (costs) await showCost(tenant);
  else reached = report.print();
} finally {
  await sql.end();
  await sandbox.close();
  await mesh.stop();
  await rm(dataDir, { recursive: true, force: true });
}
process.exit(reached || shown ? 0 : 1);

async function addAll(figures: Promise<Figure[]>): Promise<void> {
  for (const figure of await figures) report.add(figure);
}

/** Companies of equal size. */
async function showSockets(tenant: TestTenant): Promise<Figure[]> {
  const tenants = [tenant];
  while (tenants.length < 40) tenants.push(await createTenant(mesh.urls.gateway, sandbox));
  return benchSockets(mesh, { tenants, sockets: Number(values.sockets), framesPerSecond: 500, seconds });
}

async function showFairness(flooder: TestTenant): Promise<void> {
  const other = await createTenant(mesh.urls.gateway, sandbox);
  const messages = Number(values.messages);
  await benchFairness(mesh, sql, { flooder, other, messages, inOne: Number(values['in-one']) });
}

/** Not a figure that is reached or missed: what it costs, and of one service where. */
async function showCost(tenant: TestTenant): Promise<void> {
  const url = `${mesh.urls.gateway}/v1/webhooks/whatsapp/meta/${tenant.channelId}`;
  const count = Number(values.webhooks);
  const work: Work =
    values.only === 'cost'
      ? { name: 'webhook', count, flood: (webhooks) => webhookCount(url, tenant.number, webhooks) }
      : await sendWork(mesh, sandbox, tenant, count);
  const span = await benchCost(mesh, sql, work);
  if (!profiled) return;
  await mesh.down(profiled);
  console.log(`\n${profiled}: µs per ${work.name} in the function itself, the profiler's own burden included`);
  for (const { name, us } of hottest(profiles, span, 45)) {
    console.log(`${(us / span.done).toFixed(2).padStart(7)}  ${name}`);
  }
}

/** Resident memory of the seven services, 5 s after they became ready. */
async function benchMemory({ pids }: Mesh): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 5_000));
  const all = pids();
  const each = SERVICES.map((name) => ({ name, mb: residentMb(all[name]!) }));
  const total = each.reduce((sum, one) => sum + one.mb, 0);
  console.log(each.map(({ name, mb }) => `${name} ${mb.toFixed(0)}`).join(', '));
  report.add({
    name: 'memory of the services, idle',
    value: `${total.toFixed(0)} MB`,
    ceiling: '',
    wanted: 'under 700 MB',
    reached: total < 700,
  });
}

function residentMb(pid: number): number {
  const kb = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kb) / 1024;
}

/** An authenticated GET through the gateway beside the same rows from the service's own route. */
async function benchGateway({ urls, secrets }: Mesh, tenant: TestTenant): Promise<void> {
  const caller = {
    tenantId: tenant.tenantId,
    userId: null,
    role: 'admin' as const,
    permissions: ['chats.read'],
    edition: 'saas',
    service: 'gateway',
  };
  const measure = async (url: string, token: () => string) => {
    const { hostname, port, pathname, search } = new URL(url);
    const bytes = () => requestBytes('GET', pathname + search, { Authorization: `Bearer ${token()}` });
    const run = (time: number) =>
      runLoad({ host: hostname, port: Number(port), connections: 1, seconds: time, next: bytes });
    await run(1.5);
    const result = await run(seconds / 2);
    if (Object.keys(result.statuses).join() !== '200')
      throw new Error(`${url} answered ${JSON.stringify(result.statuses)}`);
    return result;
  };
  const tokens = internalTokensOf('gateway', secrets);
  // Interleaved, so that a drifting machine drifts under both.
  const [own, through] = [[] as number[], [] as number[]];
  for (let round = 0; round < 3; round++) {
    own.push(
      (await measure(`${urls.conversation}/conversations?limit=20`, () => tokens.sign(caller, 'conversation'))).p50,
    );
    through.push((await measure(`${urls.gateway}/v1/chats`, () => tenant.crm)).p50);
  }
  const [a, b] = [quantiles(own).p50, quantiles(through).p50];
  report.add({
    name: "gateway's own cost, p50",
    value: `${(b - a).toFixed(2)} ms`,
    ceiling: `service ${a.toFixed(2)} ms, through ${b.toFixed(2)} ms`,
    wanted: 'at most 2 ms',
    reached: b - a <= 2,
  });
}

/** From the webhook's POST to an agent's socket at 100 messages a second. */
async function benchSocket({ urls }: Mesh, tenant: TestTenant): Promise<void> {
  const screen = await collect(urls.gateway, tenant);
  const warm = startInbound(urls.gateway, tenant, 100, 200);
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  await warm.stop();
  screen.delays.length = 0;
  const inbound = startInbound(urls.gateway, tenant, 100, 200, screen.sent);
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  await inbound.stop();
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  screen.close();
  const { p50, p99 } = quantiles(screen.delays);
  const complete = screen.delays.length === inbound.accepted.size;
  report.add({
    name: 'webhook to socket at 100/s',
    value: `p50 ${p50.toFixed(1)}, p99 ${p99.toFixed(1)} ms`,
    ceiling: `${screen.delays.length} of ${inbound.accepted.size} seen`,
    wanted: 'p50 < 25, p99 < 100 ms',
    reached: complete && p50 < 25 && p99 < 100,
  });
}

/**
 * Webhooks accepted and stored, beside a bare process that checks the HMAC and awaits one publish
 * per request.
 */
async function benchAccept({ urls, servers }: Mesh, tenant: TestTenant): Promise<void> {
  const url = `${urls.gateway}/v1/webhooks/whatsapp/meta/${tenant.channelId}`;
  const prepared = Math.ceil((seconds / 2) * 14_000);
  await webhookCount(url, tenant.number, WARM_UP);
  await drained(tenant.tenantId);

  const ceiling = await startCeiling(servers.natsUrl, tenant.number.appSecret);
  await webhookCount(ceiling.url, tenant.number, WARM_UP);
  // By turns, so that a machine that drifts drifts under both; what one round left to do is done
  // before the next.
  const [best, taken, ratios] = [[] as number[], [] as number[], [] as number[]];
  let [accepted, stored, loaded, left] = [0, 0, 0, 0];
  for (let round = 0; round < ROUNDS; round++) {
    const bare = await webhookLoad(ceiling.url, tenant.number, { seconds: seconds / 2, prepared });
    const before = await storedCount(tenant.tenantId);
    const ours = await webhookLoad(url, tenant.number, { seconds: seconds / 2, prepared });
    // Right after the last answer; the time is the load's own, without that of signing what it
    // sent.
    stored += (await storedCount(tenant.tenantId)) - before;
    accepted += ours.statuses[200]!;
    loaded += ours.seconds;
    best.push(bare.perSecond);
    taken.push(ours.perSecond);
    ratios.push(ours.perSecond / bare.perSecond);
    left += await leftAfter(10_000, tenant.tenantId, before + ours.statuses[200]!);
    await drained(tenant.tenantId);
  }
  await ceiling.stop();
  const ratio = quantiles(ratios).p50;
  report.add({
    name: 'webhook accept',
    value: `${quantiles(taken).p50.toFixed(0)}/s = ${(ratio * 100).toFixed(0)} %`,
    ceiling: `bare HMAC + publish ${quantiles(best).p50.toFixed(0)}/s; ${ratios.map((one) => (one * 100).toFixed(0)).join(', ')} %`,
    wanted: 'at least 60 %',
    reached: ratio >= 0.6,
  });
  const pace = stored / accepted;
  report.add({
    name: 'stored while accepting',
    value: `${(stored / loaded).toFixed(0)}/s = ${(pace * 100).toFixed(0)} %`,
    ceiling: `accepted ${(accepted / loaded).toFixed(0)}/s`,
    wanted: 'at least 90 %',
    reached: pace >= 0.9,
  });
  report.add({
    name: 'left to store after 10 s',
    value: String(left),
    ceiling: `of ${accepted}`,
    wanted: '0',
    reached: left === 0,
  });

  const rate = (accepted / loaded) * 0.7;
  const paced = await webhookLoad(url, tenant.number, { seconds, rate, prepared });
  report.add({
    name: 'webhook accept at 70 %',
    value: `p50 ${paced.p50.toFixed(1)}, p99 ${paced.p99.toFixed(1)} ms`,
    ceiling: `${rate.toFixed(0)}/s offered, ${paced.perSecond.toFixed(0)}/s taken`,
    wanted: 'p99 < 100 ms',
    reached: paced.p99 < 100,
  });
}

/** How many of the expected rows are still missing when so much time is over. */
async function leftAfter(ms: number, tenantId: string, expected: number): Promise<number> {
  const until = performance.now() + ms;
  for (;;) {
    const left = expected - (await storedCount(tenantId));
    if (left <= 0 || performance.now() > until) return Math.max(left, 0);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function storedCount(tenantId: string): Promise<number> {
  const [row] = await sql<
    [{ n: number }]
  >`select count(*)::int as n from conversation.messages where tenant_id = ${tenantId}`;
  return row.n;
}

/**
 * Waits until all that was accepted has gone the whole way, so that one measurement does not pay
 * for the last.
 */
async function drained(tenantId: string): Promise<void> {
  let before = -1;
  for (;;) {
    const stored = await storedCount(tenantId);
    const [row] = await sql<[{ n: number }]>`
      select (select count(*)::int from channel_connector.outbox where published_at is null)
           + (select count(*)::int from conversation.outbox where published_at is null) as n`;
    if (row.n === 0 && stored === before) break;
    before = stored;
    await new Promise((resolve) => setTimeout(resolve, 2_000));
  }
}
