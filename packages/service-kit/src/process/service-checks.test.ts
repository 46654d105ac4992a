import { expect, it } from 'vitest';
import { checkReadiness } from './health.ts';
import { checkRedisWrite, type ServiceParts, serviceChecks } from './service-checks.ts';

const works = async () => undefined;
const refuses = async () => {
  throw Object.assign(new Error('it answers, and does not do its work'), { code: 'REFUSED' });
};

/** A service of which everything works, except what is given. */
const service = (broken: Partial<ServiceParts> = {}): ServiceParts => ({
  name: 'conversation',
  db: { checkWrite: works },
  workerDb: { ping: works },
  bus: { ping: works, checkStore: works },
  relay: { ready: works },
  consumers: [{ check: () => undefined }, { check: () => undefined }],
  redis: { set: works },
  ...broken,
});

async function failing(parts: ServiceParts): Promise<string[]> {
  const { status, checks } = await checkReadiness(serviceChecks(parts));
  const names = Object.entries(checks).flatMap(([name, check]) => (check.ok ? [] : [name]));
  expect(status).toBe(names.length === 0 ? 'ok' : 'unavailable');
  return names;
}

it('a service is ready while all its dependencies work', async () => {
  expect(await failing(service())).toEqual([]);
});

it.each<[string, Partial<ServiceParts>]>([
  ['postgres', { db: { checkWrite: refuses } }],
  ['postgres-worker', { workerDb: { ping: refuses } }],
  ['nats', { bus: { ping: refuses, checkStore: works } }],
  ['jetstream', { bus: { ping: works, checkStore: refuses } }],
  ['stream', { relay: { ready: refuses } }],
  [
    'consumers',
    {
      consumers: [
        { check: () => undefined },
        {
          check: () => {
            throw new Error('stands still');
          },
        },
      ],
    },
  ],
  ['redis', { redis: { set: refuses } }],
])('a service is not ready while its %s does not work, and says so', async (name, broken) => {
  expect(await failing(service(broken))).toEqual([name]);
});

it('a Redis that refuses to write is told by the kind of its refusal', async () => {
  const set = async () => {
    throw new Error("OOM command not allowed when used memory > 'maxmemory'.");
  };
  await expect(checkRedisWrite({ set }, 'gateway')()).rejects.toMatchObject({ code: 'OOM' });
});
