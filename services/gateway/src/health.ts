import { PROVIDERS } from '@recado/contracts';
import { answerWithin } from '@recado/service-kit';
import type { Redis } from 'ioredis';
import { request } from 'undici';
import type { GatewayConfig } from './config.ts';

/** What was measured of one service: its own readiness page. */
export interface ServiceHealth {
  ok: boolean;
  /** Its checks by name (`postgres`, `nats` …). Empty when it did not answer. */
  checks: Record<string, { ok: boolean }>;
  /** What it uses but can do without (`openai`, providers), as far as it has looked. */
  uses: Record<string, { ok: boolean; ms?: number }>;
}

export interface MeshHealth {
  services: Record<keyof GatewayConfig['services'], ServiceHealth>;
  redis: boolean;
  openaiConfigured: boolean;
  /** Whether the model's server answers; null while ai-responder can't say. */
  openai: boolean | null;
  /** Whether every provider answers; null while channel-connector can't say. */
  whatsapp: boolean | null;
  /** Those whose servers serve all companies, as they were last asked. */
  providers: { name: string; ok: boolean; ms: number | null }[];
  at: Date;
}

export interface HealthReporter {
  /** Measured, at most once a second however often it is asked. Never throws. */
  report(): Promise<MeshHealth>;
}

const KEEP_MS = 1000;
/** A readiness page gives its own checks a second. */
const TIMEOUT_MS = 1500;
const REDIS_TIMEOUT_MS = 1000;

/** Asks Redis and every service's readiness page, which also shows the providers behind it. */
export function createHealthReporter(config: GatewayConfig, redis: Redis): HealthReporter {
  let last: Promise<MeshHealth> | null = null;
  let measuredAt = 0;

  async function measure(): Promise<MeshHealth> {
    const names = Object.keys(config.services) as (keyof GatewayConfig['services'])[];
    const [redisOk, ...services] = await Promise.all([
      answerWithin(redis.ping(), REDIS_TIMEOUT_MS).then(
        () => true,
        () => false,
      ),
      ...names.map((name) => askReadiness(config.services[name])),
    ]);
    const found = Object.fromEntries(names.map((name, i) => [name, services[i]!])) as MeshHealth['services'];
    return {
      services: found,
      redis: redisOk,
      openaiConfigured: config.openaiConfigured,
      openai: found.aiResponder.uses.openai?.ok ?? null,
      ...providersOf(found.connector),
      at: new Date(),
    };
  }

  return {
    report() {
      if (last === null || performance.now() - measuredAt > KEEP_MS) {
        measuredAt = performance.now();
        last = measure();
      }
      return last;
    },
  };
}

function providersOf({ uses }: ServiceHealth): Pick<MeshHealth, 'whatsapp' | 'providers'> {
  const providers = PROVIDERS.flatMap((name) => {
    const said = uses[name];
    return said ? [{ name, ok: said.ok, ms: said.ms ?? null }] : [];
  });
  return { providers, whatsapp: providers.length > 0 ? providers.every(({ ok }) => ok) : null };
}

async function askReadiness(baseUrl: string): Promise<ServiceHealth> {
  try {
    const response = await request(`${baseUrl}/health/ready`, { headersTimeout: TIMEOUT_MS, bodyTimeout: TIMEOUT_MS });
    const { checks = {}, uses = {} } = (await response.body.json()) as Partial<Pick<ServiceHealth, 'checks' | 'uses'>>;
    return { ok: response.statusCode === 200, checks, uses };
  } catch {
    return { ok: false, checks: {}, uses: {} };
  }
}

/** A provider whose server serves all companies; undefined while nothing is known of one. */
export const findProvider = ({ providers }: MeshHealth, name: (typeof PROVIDERS)[number]) =>
  providers.find((provider) => provider.name === name);

/** A dependency is well when every service that names it says so, and at least one does. */
export function dependencyOk(health: MeshHealth, name: string): boolean {
  const said = Object.values(health.services).flatMap(({ checks }) => (name in checks ? [checks[name]!.ok] : []));
  return said.length > 0 && said.every(Boolean);
}
