import { expect, it, vi } from 'vitest';
import { startLoop } from './loop.ts';

const log = { warn: vi.fn() };

it('A wake between two rounds starts the next one at once', async () => {
  const rounds = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let count = 0;
  const loop = startLoop({
    log,
    failure: 'failed',
    async round() {
      rounds[count++]?.resolve();
      return 60_000;
    },
  });
  await rounds[0]!.promise;
  loop.wake();
  await rounds[1]!.promise;
  await loop.stop();
  expect(count).toBe(2);
});

it('A wake that comes during a round starts another after it', async () => {
  const [inside, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let count = 0;
  const loop = startLoop({
    log,
    failure: 'failed',
    async round() {
      if (++count === 2) second.resolve();
      await inside.promise;
      return 60_000;
    },
  });
  loop.wake();
  inside.resolve();
  await second.promise;
  await loop.stop();
});

it('A round that fails is logged once and made again', async () => {
  log.warn.mockClear();
  const good = Promise.withResolvers<void>();
  let count = 0;
  const loop = startLoop({
    log,
    failure: 'the round failed',
    failurePauseMs: 1,
    async round() {
      if (++count < 4) throw new Error('no database');
      good.resolve();
      return 60_000;
    },
  });
  await good.promise;
  await loop.stop();
  expect(log.warn.mock.calls.map(([, text]) => text)).toEqual(['the round failed']);
});
