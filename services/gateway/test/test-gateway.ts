import { createClosing, createProcessBase, stopInOrder } from '@recado/service-kit';
import { internalEnv, testRedis } from '@recado/testkit';
import type { FastifyInstance } from 'fastify';
import { buildApp } from '../src/app.ts';
import { readConfig } from '../src/config.ts';
import { createDeps } from '../src/create-deps.ts';
import type { GatewayDeps } from '../src/deps.ts';
import { startFakeServices } from './fake-services.ts';
import type { FakeServices } from './fake-state.ts';

export interface TestGateway {
  app: FastifyInstance;
  deps: GatewayDeps;
  fakes: FakeServices;
  close(): Promise<void>;
}

/** The gateway before fakes of its services. `prepare`: adds a test's own routes. */
export async function startTestGateway(
  env: Record<string, string> = {},
  prepare: (app: FastifyInstance, deps: GatewayDeps) => void = () => {},
): Promise<TestGateway> {
  const fakes = await startFakeServices();
  const redis = await testRedis();
  const services = ['IDENTITY', 'CHANNEL_CONNECTOR', 'CONVERSATION', 'AI_RESPONDER', 'SCHEDULER', 'ANALYTICS'];
  const base = createProcessBase(
    'gateway',
    readConfig({
      LOG_LEVEL: process.env.LOG_LEVEL ?? 'silent',
      REDIS_URL: redis.url,
      ...internalEnv('gateway'),
      RECADO_ENV: 'development',
      // Tests are many requests of one tenant; those about limits set it back.
      RECADO_RATE_LIMIT_FACTOR: '1000',
      RECADO_PUBLIC_URL: 'https://api.example.com',
      ...Object.fromEntries(services.map((name) => [`RECADO_${name}_URL`, fakes.url])),
      ...env,
    }),
  );
  const { closing, steps } = createClosing();
  const deps = createDeps(base, closing);
  const app = buildApp(deps);
  closing.http('http', () => app.close());
  prepare(app, deps);
  await app.ready();
  return {
    app,
    deps,
    fakes,
    async close() {
      await stopInOrder(steps(), deps.log);
      await fakes.app.close();
    },
  };
}
