import { uuidv7 } from '@recado/contracts';
import { connect } from '@recado/database';
import type { Parcel } from '@recado/messaging';
import { createLogger, createRegistry } from '@recado/service-kit';
import { eventually } from '@recado/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createPolicies } from '../src/configs/policies.ts';
import { startConsumers } from '../src/consumers/start-consumers.ts';
import { startWorld, type World } from './support.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
  // Its consumers would take turns with the test's.
  await world.ai.stop();
});
afterAll(() => world.stop());

it('a message handled has the relay look, and hands it nothing that is no parcel', async () => {
  const kicks: (readonly Parcel[] | null | undefined)[] = [];
  const lines: string[] = [];
  const workerDb = connect({ url: world.database.workerUrl('ai-responder'), name: 'test-worker', max: 2 });
  const policies = createPolicies(world.bus);
  const consumers = startConsumers(
    {
      workerDb,
      policies,
      log: createLogger({ name: 'test', level: 'warn', format: 'json', stream: { write: (line) => lines.push(line) } }),
      now: () => new Date(),
      config: { RECADO_DEFAULT_TIMEZONE: 'America/Lima' },
      kickRelay: (parcels) => void kicks.push(parcels),
    },
    { bus: world.bus, registry: createRegistry('test'), kickWorker: () => undefined },
  );
  try {
    await world.hear(uuidv7(), 'Hola');
    await eventually(() => expect(kicks).toEqual([undefined]));
    expect(lines).toEqual([]);
  } finally {
    await Promise.all(consumers.map((consumer) => consumer.stop()));
    policies.stop();
    await workerDb.close();
  }
});
