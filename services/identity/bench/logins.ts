/**
 * `node services/identity/bench/logins.ts [log-ins at once] [seconds]`: how many log-ins at once
 * slow other requests, and the log-ins a second. README: "Measured".
 */
import { setTimeout as pause } from 'node:timers/promises';
import { identityApi, type RouteContract, type Session } from '@recado/contracts';
import type { Caller } from '@recado/service-kit';
import { createDecoder } from 'fast-jwt';
import postgres from 'postgres';
import { Pool } from 'undici';
import { startIdentityProcess } from './servers.ts';

const atOnce = Number(process.argv[2] ?? 200);
const seconds = Number(process.argv[3] ?? 28);
const ACCOUNTS = 50;
const PER_SECOND = 100;
const ROUNDS = 7;
const PASSWORD = 'correct horse battery';

const emails = Array.from({ length: ACCOUNTS }, (_, i) => `user${i}@bench.example`);
const identity = await startIdentityProcess();
const loginPool = new Pool(identity.url, { connections: atOnce });
const sessionPool = new Pool(identity.url, { connections: 20 });
try {
  const sessions: Session[] = [];
  for (const email of emails) {
    const body = { edition: 'saas', tenantName: 'Bench', email, password: PASSWORD, name: 'Ana' };
    sessions.push((await call(loginPool, identityApi.register, body)).body as Session);
  }
  const caller = callerOf(sessions[0]!);
  await steady(caller, 2); // warm

  const memoryBefore = identity.memory().now;
  const [alone, crowded] = [[] as number[], [] as number[]];
  let logins = 0;
  let refused = 0;
  const ratios: number[] = [];
  let crowdedFor = 0;
  // By turns, so that a machine that drifts drifts under both.
  for (let round = 0; round < ROUNDS; round++) {
    const before = await steady(caller, seconds / ROUNDS);
    const crowd = startCrowd();
    await pause(500);
    const came = { ...crowd.count };
    const started = performance.now();
    const beside = await steady(caller, seconds / ROUNDS);
    crowdedFor += performance.now() - started;
    logins += crowd.count.logins - came.logins;
    refused += crowd.count.refused - came.refused;
    await crowd.end();
    alone.push(...before);
    crowded.push(...beside);
    ratios.push(quantile(beside, 0.99) / quantile(before, 0.99));
  }
  const rate = logins / (crowdedFor / 1000);
  await pause(2000);
  const after = identity.memory();
  show('GET /me alone', alone);
  show(`GET /me beside ${atOnce} log-ins`, crowded);
  // A machine shared with others has bad seconds: they spoil a round, not the median.
  console.log(
    `p99 x ${quantile(ratios, 0.5).toFixed(1)}, median of ${ratios.map((ratio) => ratio.toFixed(1)).join(', ')}`,
  );
  console.log(`log-ins: ${rate.toFixed(1)}/s, ${refused} answered 429`);
  console.log(
    `memory: ${memoryBefore.toFixed(0)} MiB before, ${after.peak.toFixed(0)} at most, ${after.now.toFixed(0)} two seconds after`,
  );
  await compareRefusals();
} finally {
  await Promise.all([loginPool.close(), sessionPool.close()]);
  await identity.stop();
}

/**
 * Keeps this many log-ins in flight until told to end. A refused one comes back after its
 * `Retry-After`.
 */
function startCrowd() {
  const count = { logins: 0, refused: 0 };
  const ending = new AbortController();
  const crowd = Array.from({ length: atOnce }, async (_, i) => {
    for (let round = 0; !ending.signal.aborted; round++) {
      const ip = `10.${i % 250}.${round % 250}.${i % 199}`;
      const body = { edition: 'saas', email: emails[(i * 7 + round) % ACCOUNTS], password: PASSWORD, ip };
      const { status } = await call(loginPool, identityApi.login, body);
      if (status === 200) count.logins++;
      else {
        count.refused++;
        // About what Retry-After says.
        await pause(1000 + Math.random() * 2000, undefined, { signal: ending.signal }).catch(() => undefined);
      }
    }
  });
  return {
    count,
    end: async () => {
      ending.abort();
      await Promise.all(crowd);
    },
  };
}

/**
 * GET /me so many times a second, whether the ones before are answered or not. Milliseconds of
 * each.
 */
async function steady(caller: Caller, length: number): Promise<number[]> {
  const times: Promise<number>[] = [];
  for (let i = 0; i < length * PER_SECOND; i++) {
    times.push(timed(() => call(sessionPool, identityApi.getMe, null, caller)));
    await pause(1000 / PER_SECOND);
  }
  return Promise.all(times);
}

/**
 * Wrong passwords of known users and of unknown ones by turns, a fresh account each, so that no
 * limit is reached.
 */
async function compareRefusals(): Promise<void> {
  const sql = postgres(identity.adminUrl, { max: 1 });
  const made = await sql<{ email: string }[]>`
    insert into identity.users (tenant_id, id, email, password_hash, first_name, last_name, role)
    select tenant_id, gen_random_uuid(), 'known' || n || '@bench.example', password_hash, 'Ana', '', 'agent'
    from (select tenant_id, password_hash from identity.users limit 1) one, generate_series(1, 300) n returning email`;
  await sql.end();
  const known: number[] = [];
  const unknown: number[] = [];
  for (const [i, { email }] of made.entries()) {
    const refuse = async (who: string, times: number[]) => {
      const body = { edition: 'saas', email: who, password: 'not the password', ip: `10.9.${i % 250}.${i % 199}` };
      times.push(await timed(() => call(sessionPool, identityApi.login, body)));
      await pause(20); // what a failure leaves to be written is not the next one's time
    };
    // The second call finds warmer caches, so the order alternates.
    const pair = [() => refuse(email, known), () => refuse(`un${email}`, unknown)];
    for (const one of i % 2 === 0 ? pair : pair.reverse()) await one();
  }
  show('wrong password', known);
  show('unknown user', unknown);
  const [a, b] = [quantile(known, 0.5), quantile(unknown, 0.5)];
  console.log(`medians differ by ${((Math.abs(a - b) / Math.min(a, b)) * 100).toFixed(1)} %`);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

async function call(pool: Pool, route: RouteContract, body: object | null, caller = anonymous()) {
  const answer = await pool.request({
    method: route.method,
    path: route.path,
    headers: {
      authorization: `Bearer ${identity.tokens.sign(caller, 'identity')}`,
      ...(body ? { 'content-type': 'application/json' } : {}),
    },
    body: body ? JSON.stringify(body) : null,
  });
  return { status: answer.statusCode, body: await answer.body.json() };
}

function anonymous(): Caller {
  return { tenantId: '', userId: null, role: 'service', permissions: [], edition: null, service: 'gateway' };
}

function callerOf(session: Session): Caller {
  const {
    tid: tenantId,
    sub: userId,
    role,
    perms,
    sid: sessionId,
    aud: edition,
  } = createDecoder()(session.accessToken);
  return { tenantId, userId, role, permissions: perms, sessionId, edition, service: 'gateway' };
}

function quantile(times: number[], q: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))]!;
}

function show(name: string, times: number[]): void {
  const ms = (q: number) => `${quantile(times, q).toFixed(1)} ms`;
  console.log(`${name}: p50 ${ms(0.5)}, p99 ${ms(0.99)} of ${times.length}`);
}
