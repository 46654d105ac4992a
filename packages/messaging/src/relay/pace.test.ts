import { expect, test } from 'vitest';
import type { Bus } from '../jetstream/bus.ts';
import { createPace } from './pace.ts';

const DURABLE = 'reader';

/** A bus whose durable has so many messages left, one number for each time it is asked. */
function busWith(lefts: number[]): Bus {
  const info = async () => ({
    num_pending: lefts.length > 1 ? lefts.shift()! : lefts[0]!,
    num_ack_pending: 0,
    delivered: { consumer_seq: lefts.length },
    ack_floor: { consumer_seq: lefts.length },
  });
  return { jsm: { consumers: { info } } } as unknown as Bus;
}

test('a relay that starts with a full durable sends once the durable has read, though it sent nothing itself', async () => {
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const { promise, resolve } = Promise.withResolvers<void>();
  const pace = createPace({
    bus: busWith([400, 400, 0]),
    service: 'conversation',
    durables: [
      { name: DURABLE, event: { filter: 'recado.conversation.*.note.written' }, paces: 'live' },
    ] as unknown as Parameters<typeof createPace>[0]['durables'],
    log,
    onRoom: resolve,
  });
  await pace.start();
  expect(pace.room()).toBeLessThanOrEqual(0);
  await promise;
  expect(pace.room()).toBeGreaterThan(0);
  pace.stop();
});
