import { setTimeout as pause } from 'node:timers/promises';
import type { Secrets } from '../../../infra/local/secrets.ts';
import { createSeededTenant, type SeededTenant } from '../seeded-tenant.ts';
import type { TestMesh } from '../test-mesh.ts';
import { createRawClient, type RawAnswer } from './client.ts';
import { type Dice, dice } from './dice.ts';
import { type Draft, honest, targetOf, write } from './draft.ts';
import { fault } from './judge.ts';
import { mutate } from './mutations.ts';
import { isDear, TARGETS, type Target } from './targets.ts';

export interface FuzzOptions {
  seed: number;
  requests: number;
  /** Only this one of them. */
  only?: number | undefined;
  /** Connections at once. */
  concurrency?: number;
  /** Requests to one tenant before another takes its place: many of them change it. */
  perTenant?: number;
  say?: (line: string) => void;
}

export interface Failure {
  index: number;
  problem: string;
  mutations: string[];
  request: string;
  answer: string;
}

export interface FuzzReport {
  sent: number;
  byStatus: Record<string, number>;
  failures: Failure[];
  /**
   * Honest tokens on routes that take one, and how many of these were let in: neither 401, 403 nor
   * 429.
   */
  withToken: number;
  letIn: number;
  /** `GET /v1/chats` → its answers by status. */
  byTarget: Map<string, Record<string, number>>;
  tenants: number;
  seconds: number;
}

/** After so many of one kind the rest says nothing new. */
const MAX_FAILURES = 40;

/**
 * Sends malformed requests, each decided by the seed and its number alone, and judges every answer.
 */
export async function runFuzz(mesh: TestMesh, options: FuzzOptions): Promise<FuzzReport> {
  const { seed, requests, only, concurrency = 16, perTenant = 2500, say = () => undefined } = options;
  const { secrets } = mesh;
  const report: FuzzReport = {
    sent: 0,
    byStatus: {},
    failures: [],
    withToken: 0,
    letIn: 0,
    byTarget: new Map(),
    tenants: 0,
    seconds: 0,
  };
  const started = performance.now();
  let seededTenant: SeededTenant | null = null;
  let renewing: Promise<SeededTenant> | null = null;
  let refusals = 0;

  /**
   * A fresh tenant: when this one has had its share, or its people were locked out by what was done
   * to it.
   */
  function renew(): Promise<SeededTenant> {
    renewing ??= createSeededTenant(mesh).then((made) => {
      seededTenant = made;
      refusals = 0;
      renewing = null;
      report.tenants++;
      return made;
    });
    return renewing;
  }

  const clientsOf = () =>
    new Map(
      Object.entries(mesh.urls).map(([name, url]) => [name, createRawClient(Number(new URL(url).port))] as const),
    );

  async function one(index: number, clients: ReturnType<typeof clientsOf>): Promise<void> {
    const current = seededTenant ?? (await renew());
    const { draft, mutations } = plan(seed, index, current, secrets);
    const answer = await send(draft, clients);
    report.sent++;
    count(report, draft, answer);
    if (draft.byAdmin && draft.knownCaller && answer.status === 401 && seededTenant === current && ++refusals >= 3)
      await renew();
    const problem = fault(draft, answer);
    if (problem === null || report.failures.length >= MAX_FAILURES) return;
    report.failures.push(
      await shrink({ seed, index, seededTenant: current, secrets, mutations, problem, answer, draft, clients }),
    );
  }

  await renew();
  const indexes = only === undefined ? Array.from({ length: requests }, (_, i) => i) : [only];
  let next = 0;
  const worker = async () => {
    const clients = clientsOf();
    for (;;) {
      const at = next++;
      if (at >= indexes.length) break;
      if (at > 0 && at % perTenant === 0) await renew();
      await one(indexes[at]!, clients);
      if (at > 0 && at % 10_000 === 0) say(`${at} sent, ${report.failures.length} failures`);
    }
    for (const client of clients.values()) client.close();
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, indexes.length) }, worker));
  // What was logged behind the answers.
  await pause(300);
  report.seconds = (performance.now() - started) / 1000;
  return report;
}

/**
 * The request of a number: its target, its honest form, and one to three things wrong with it; some
 * are left honest.
 */
export function plan(
  seed: number,
  index: number,
  seededTenant: SeededTenant,
  secrets: Secrets,
  without: ReadonlySet<number> = new Set(),
): { draft: Draft; mutations: string[] } {
  const roll = dice(seed, index);
  const draft = honest(pickTarget(roll), seededTenant, secrets, roll);
  const times = roll.chance(0.12) ? 0 : 1 + roll.below(3);
  const mutations: string[] = [];
  for (let k = 0; k < times; k++) {
    if (without.has(k)) continue;
    // Each has dice of its own, so that one can be left out and the others stay what they were.
    for (let attempt = 0; attempt < 4; attempt++) {
      const done = mutate(draft, dice(seed, index, k + 1, attempt));
      if (done === null) continue;
      mutations.push(done);
      break;
    }
  }
  return { draft, mutations };
}

function pickTarget(roll: Dice): Target {
  let at = roll.below(100);
  for (const [share, targets] of TARGETS) {
    at -= share;
    if (at >= 0) continue;
    const target = roll.pick(targets);
    return isDear(target) && !roll.chance(0.25) ? roll.pick(targets) : target;
  }
  throw new Error('The shares of the targets do not make a hundred');
}

function send(draft: Draft, clients: Map<string, { send(request: ReturnType<typeof write>): Promise<RawAnswer> }>) {
  return clients.get(draft.target.at)!.send(write(draft));
}

function count(report: FuzzReport, draft: Draft, { status, end }: RawAnswer): void {
  const name = end === 'answered' ? String(status) : end;
  report.byStatus[name] = (report.byStatus[name] ?? 0) + 1;
  const target = `${draft.target.method} ${draft.target.at === 'gateway' ? '' : draft.target.at}${draft.target.path}`;
  const counts = report.byTarget.get(target) ?? {};
  counts[name] = (counts[name] ?? 0) + 1;
  report.byTarget.set(target, counts);
  if (draft.target.auth !== 'bearer' || !draft.knownCaller) return;
  report.withToken++;
  if (![401, 403, 429].includes(status)) report.letIn++;
}

/** The same request with as little wrong as still goes wrong. */
async function shrink(found: {
  seed: number;
  index: number;
  seededTenant: SeededTenant;
  secrets: Secrets;
  mutations: string[];
  problem: string;
  answer: RawAnswer;
  draft: Draft;
  clients: Map<string, { send(request: ReturnType<typeof write>): Promise<RawAnswer> }>;
}): Promise<Failure> {
  const { seed, index, seededTenant, secrets, clients, problem } = found;
  let { draft, mutations, answer } = found;
  const without = new Set<number>();
  for (let k = 0; k < found.mutations.length && problem !== 'no answer'; k++) {
    const smaller = plan(seed, index, seededTenant, secrets, new Set([...without, k]));
    const again = await send(smaller.draft, clients);
    if (fault(smaller.draft, again) !== problem) continue;
    without.add(k);
    ({ draft, mutations } = smaller);
    answer = again;
  }
  return {
    index,
    problem: `${problem}: ${draft.method} ${targetOf(draft).slice(0, 200)}${draft.target.at === 'gateway' ? '' : ` of ${draft.target.at}`}`,
    mutations,
    request: write(draft).bytes.toString('latin1').slice(0, 2500),
    answer: `${answer.status} ${answer.body.slice(0, 500)}`,
  };
}
