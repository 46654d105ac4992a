import { eventually } from '@recado/testkit';
import fastify, { type FastifyInstance } from 'fastify';
import { afterEach, expect, it } from 'vitest';
import { createHealthReporter, dependencyOk } from '../src/health.ts';
import { startTestGateway, type TestGateway } from './test-gateway.ts';

let gateway: TestGateway;
let pages: FastifyInstance | null = null;
afterEach(async () => {
  await pages?.close();
  await gateway?.close();
});

it('shows every service, its dependencies and providers, as they were measured', async () => {
  gateway = await startTestGateway();
  await eventually(async () => expect(await gateway.deps.redis.ping()).toBe('PONG'));
  // One page for all six: a model that is away, Meta that answers, a database that one of them has
  // lost.
  const page = {
    status: 'unavailable',
    checks: { postgres: { ok: false, ms: 1 }, nats: { ok: true, ms: 1 } },
    uses: { openai: { ok: false, ms: 3 }, meta: { ok: true, ms: 2 } },
  };
  pages = fastify();
  pages.get('/health/ready', (_request, reply) => reply.code(503).send(page));
  const url = await pages.listen({ host: '127.0.0.1', port: 0 });
  const services = { ...gateway.deps.config.services, identity: url, aiResponder: url, connector: url };
  const reporter = createHealthReporter({ ...gateway.deps.config, services }, gateway.deps.redis);
  const mesh = await reporter.report();
  expect(mesh).toMatchObject({ redis: true, openai: false, whatsapp: true });
  expect(mesh.providers).toEqual([{ name: 'meta', ok: true, ms: 2 }]);
  expect([mesh.services.identity.ok, mesh.services.conversation.ok]).toEqual([false, true]);
  expect([dependencyOk(mesh, 'postgres'), dependencyOk(mesh, 'nats'), dependencyOk(mesh, 'unheard-of')]).toEqual([
    false,
    true,
    false,
  ]);
});

it('shows in the editions a model that does not answer, and Redis that is away', async () => {
  gateway = await startTestGateway({ REDIS_URL: 'redis://127.0.0.1:1', RECADO_OPENAI_API_KEY: 'configured' });
  const measured = await gateway.deps.health.report();
  // The model has not been checked yet; it is only known that there is one.
  expect(measured.openai).toBeNull();
  const well = await gateway.app.inject({ url: '/health' });
  expect(well.json()).toMatchObject({ status: 'degraded', services: { redis: 'error', database: 'ok', openai: 'ok' } });
  gateway.deps.health = { report: async () => ({ ...measured, openai: false, whatsapp: false }) };
  const saas = await gateway.app.inject({ url: '/health' });
  expect(saas.json()).toMatchObject({ services: { openai: 'error' } });
  const bots = await gateway.app.inject({ url: '/bots/api/health' });
  expect(bots.json()).toMatchObject({ data: { services: { openai: 'disconnected', redis: 'disconnected' } } });
  const page = async () => {
    const answer = await gateway.app.inject({ url: '/scheduler/api/health/whatsapp' });
    return [answer.statusCode, answer.json()];
  };
  expect(await page()).toMatchObject([503, { status: 'error', detail: expect.any(String) }]);
  const providers = [{ name: 'meta', ok: true, ms: 12.5 }];
  gateway.deps.health = { report: async () => ({ ...measured, whatsapp: true, providers }) };
  const shown = [{ name: 'meta', status: 'ok', response_time_ms: 12.5 }];
  expect(await page()).toMatchObject([200, { status: 'ok', providers: shown }]);
  // What was not measured yet is not called well.
  gateway.deps.health = { report: async () => ({ ...measured, whatsapp: null, providers: [] }) };
  expect(await page()).toMatchObject([200, { status: 'unknown', providers: [] }]);
  const connector = { ...measured.services.connector, ok: false };
  gateway.deps.health = { report: async () => ({ ...measured, services: { ...measured.services, connector } }) };
  expect(await page()).toMatchObject([503, { status: 'error' }]);
  // A server of the installation is shown as it was asked, and none as none.
  expect(saas.json()).toMatchObject({ services: { evolution: 'not_configured' } });
  expect(bots.json()).toMatchObject({ data: { services: { evolutionApi: 'not_configured' } } });
  for (const [ok, inSaas, inBots] of [
    [true, 'ok', 'connected'],
    [false, 'error', 'disconnected'],
  ] as const) {
    gateway.deps.health = { report: async () => ({ ...measured, providers: [{ name: 'evolution', ok, ms: 3 }] }) };
    const asked = await Promise.all(['/health', '/bots/api/health'].map((url) => gateway.app.inject({ url })));
    expect(asked.map((answer) => answer.json())).toMatchObject([
      { services: { evolution: inSaas }, details: { evolution: { connected: ok } } },
      { data: { services: { evolutionApi: inBots } } },
    ]);
  }
});
