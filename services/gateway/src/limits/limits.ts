import { Counter as Metric, type Registry, TooManyRequests, Unauthorized } from '@recado/service-kit';
import type { Redis } from 'ioredis';
import { type Revocations, revokedKey } from '../auth/revocations.ts';
import type { Principal } from '../auth/verify-token.ts';
import type { UserLimit } from '../edge/route-options.ts';
import { type Answer, createMemoryCounts, type Question } from './memory.ts';
import type { FindPlan } from './plans.ts';
import type { RedisGate } from './redis-gate.ts';
import { CHECK, PACE } from './script.ts';
import { type Counter, monthStarts, scaled, spansAt, tightest, WINDOWS, type Windows, windowsOf } from './windows.ts';

/** How much of its windows a tenant has used. */
export interface RequestUsage {
  usage: Windows;
  limits: Windows;
  /** One decimal. */
  percentages: Windows;
}

/** Something counted against a request; `refused` when there were too many. */
export interface Verdict {
  counters: Counter[];
  refused: TooManyRequests | null;
  /** Whether Redis said that the session or key is not revoked. */
  vouched: boolean;
}

export interface Limits {
  /**
   * Checks revocation and counts the request in the tenant's windows and the user's rate, in one
   * round trip to Redis. A refused request counts nowhere.
   * @throws Unauthorized when revoked
   */
  check(principal: Principal, userLimit?: UserLimit): Promise<Verdict>;
  /** Counts a request without a token against its `clientKey`. @throws TooManyRequests */
  checkAddress(client: string): Promise<void>;
  /** The windows of the principal's tenant as they stand; charges nothing. */
  usage(principal: Principal): Promise<RequestUsage>;
}

export interface LimitsOptions {
  redis: Redis;
  gate: RedisGate;
  revocations: Revocations;
  /** Counts tokens and keys that were not looked up, because Redis was away. */
  onUnknown(): void;
  findPlan: FindPlan;
  /** Multiplies every limit. */
  factor: number;
  /** Requests without a token a minute, of one address. */
  addressPerMinute: number;
  registry: Registry;
}

/**
 * The gateway's limits: tenants' four windows, users' rates, addresses. Without Redis every process
 * counts alone in the same windows.
 */
export function createLimits(options: LimitsOptions): Limits {
  const { redis, gate, revocations, onUnknown, findPlan, factor, registry } = options;
  const memory = createMemoryCounts();
  const addressLimit = scaled(options.addressPerMinute, factor);
  const metrics = createMetrics(registry);
  let months = monthStarts(Math.floor(Date.now() / 1000));

  /** Null: revoked. */
  async function ask(revocationId: string, question: Question): Promise<(Answer & { vouched: boolean }) | null> {
    if (revocations.isKnown(revocationId)) return null;
    const { tenantId, limits, pace, charge } = question;
    const now = Date.now() / 1000;
    if (now >= months[2]) months = monthStarts(now);
    const keys = [revokedKey(revocationId), `recado:requests:${tenantId}`];
    if (pace) keys.push(`recado:pace:${pace.key}`);
    const args = [charge ? 1 : 0, ...limits, ...months, pace?.limit ?? 0];
    const said = await gate.ask(() => CHECK.run(redis, keys, args));
    if (!said) {
      metrics.fallback.inc();
      onUnknown();
      return { ...memory.check(question), vouched: false };
    }
    const [verdict, at, minute, hour, day, month, monthEnd, paceCount] = said;
    if (verdict === 0) {
      revocations.learn(revocationId);
      return null;
    }
    return {
      allowed: verdict === 1,
      now: at!,
      counts: [minute!, hour!, day!, month!],
      monthEnd: monthEnd!,
      paceCount: paceCount!,
      vouched: true,
    };
  }

  async function limitsOf({ caller }: Principal): Promise<Windows> {
    const plan = findPlan(caller.tenantId);
    return windowsOf(typeof plan === 'string' ? plan : await plan, factor);
  }

  return {
    async check(principal, userLimit) {
      const { tenantId } = principal.caller;
      const windows = await limitsOf(principal);
      const limits = WINDOWS.map((name) => windows[name]);
      const pace = userLimit ? paceOf(principal, userLimit, factor) : null;
      const answer = await ask(principal.sessionId, { tenantId, limits, pace, charge: true });
      if (!answer) throw new Unauthorized('The session has ended');
      const counters = countersOf(answer, limits, pace);
      const { vouched } = answer;
      if (answer.allowed) return { counters, refused: null, vouched };
      const full = tightest(counters);
      metrics.refused.inc({ window: full.name });
      return { counters, refused: new TooManyRequests(full.resetAt - answer.now), vouched };
    },

    async checkAddress(client) {
      const key = `recado:pace:address:${client}`;
      const said = await gate.ask(() => PACE.run(redis, [key], []));
      if (!said) metrics.fallback.inc();
      const [count, now] = said ?? [memory.count(key), Math.floor(Date.now() / 1000)];
      if (count! <= addressLimit) return;
      metrics.refused.inc({ window: 'address' });
      throw new TooManyRequests(60 - (now! % 60));
    },

    async usage(principal) {
      const { tenantId } = principal.caller;
      const windows = await limitsOf(principal);
      const limits = WINDOWS.map((name) => windows[name]);
      const answer = await ask(principal.sessionId, { tenantId, limits, pace: null, charge: false });
      if (!answer) throw new Unauthorized('The session has ended');
      const each = (value: (i: number) => number) =>
        Object.fromEntries(WINDOWS.map((name, i) => [name, value(i)])) as Windows;
      return {
        usage: each((i) => answer.counts[i]!),
        limits: windows,
        percentages: each((i) => Math.round((answer.counts[i]! / limits[i]!) * 1000) / 10),
      };
    },
  };
}

function paceOf({ caller }: Principal, { name, perMinute }: UserLimit, factor: number) {
  return {
    key: `${name}:${caller.tenantId}:${caller.userId ?? caller.apiKeyId}`,
    limit: scaled(perMinute, factor),
  };
}

function countersOf(answer: Answer, limits: readonly number[], pace: Question['pace']): Counter[] {
  const spans = spansAt(answer.now);
  const counters: Counter[] = WINDOWS.map((name, i) => ({
    name,
    limit: limits[i]!,
    count: answer.counts[i]!,
    resetAt: name === 'month' ? answer.monthEnd : spans[i]!.end,
  }));
  if (pace) counters.push({ name: 'user', limit: pace.limit, count: answer.paceCount, resetAt: spans[0]!.end });
  return counters;
}

function createMetrics(registry: Registry) {
  const registers = [registry];
  return {
    refused: new Metric({
      name: 'recado_rate_limited_total',
      help: 'Requests answered 429, by the window that was full',
      labelNames: ['window'],
      registers,
    }),
    fallback: new Metric({
      name: 'recado_rate_limit_fallback_total',
      help: 'Requests counted in this process alone, because Redis was away',
      registers,
    }),
  };
}
