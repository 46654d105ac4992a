import { expect, test } from 'vitest';
import { createGroup } from './group-commit.ts';

/** A run() whose batches end when the test says so. */
function gate() {
  const batches: { items: number[]; done(results?: string[]): void; fail(error: Error): void }[] = [];
  const run = (items: number[]) =>
    new Promise<string[]>((resolve, reject) => {
      batches.push({ items, done: (results = items.map((i) => `r${i}`)) => resolve(results), fail: reject });
    });
  return { batches, run };
}
const settled = () => new Promise((resolve) => setImmediate(resolve));

test('all waiting items go into the next batch, and each caller gets its own result', async () => {
  const { batches, run } = gate();
  const group = createGroup({ maxInFlight: 1, run });
  const first = group.add(1);
  await settled();
  const rest = [2, 3, 4].map((n) => group.add(n));
  await settled();
  expect(batches.map((b) => b.items)).toEqual([[1]]);
  batches[0]!.done();
  expect(await first).toBe('r1');
  await settled();
  expect(batches[1]!.items).toEqual([2, 3, 4]);
  batches[1]!.done();
  expect(await Promise.all(rest)).toEqual(['r2', 'r3', 'r4']);
});

test('items of one synchronous run share a batch; a lone item goes at once', async () => {
  const { batches, run } = gate();
  const group = createGroup({ run });
  for (const n of [1, 2, 3]) void group.add(n);
  await settled();
  void group.add(4);
  await settled();
  expect(batches.map((b) => b.items)).toEqual([[1, 2, 3], [4]]);
});

test('with besideFrom a batch runs beside another only when so many wait', async () => {
  const { batches, run } = gate();
  const group = createGroup({ besideFrom: 3, run });
  void group.add(1);
  await settled();
  void group.add(2);
  void group.add(3);
  await settled();
  expect(batches.map((b) => b.items)).toEqual([[1]]);
  void group.add(4);
  await settled();
  expect(batches.map((b) => b.items)).toEqual([[1], [2, 3, 4]]);
  // A single item does not wait once nothing runs.
  void group.add(5);
  batches[0]!.done();
  batches[1]!.done();
  await settled();
  expect(batches[2]!.items).toEqual([5]);
});

test('no more than maxInFlight batches of maxBatch items run at once', async () => {
  let running = 0;
  let most = 0;
  let biggest = 0;
  const group = createGroup<number, number>({
    maxInFlight: 2,
    maxBatch: 10,
    async run(items) {
      most = Math.max(most, ++running);
      biggest = Math.max(biggest, items.length);
      await settled();
      running--;
      return items.map((n) => n * 2);
    },
  });
  const results = await Promise.all(Array.from({ length: 205 }, (_, n) => group.add(n)));
  expect(results).toEqual(Array.from({ length: 205 }, (_, n) => n * 2));
  expect([most, biggest]).toEqual([2, 10]);
});

test('a failing batch rejects its own items only; a short answer is a failure', async () => {
  const { batches, run } = gate();
  const group = createGroup({ maxInFlight: 1, run });
  const first = group.add(1);
  await settled();
  const second = group.add(2);
  const third = group.add(3);
  batches[0]!.fail(new Error('disk full'));
  await expect(first).rejects.toThrow('disk full');
  await settled();
  batches[1]!.done(['only one']);
  await expect(second).rejects.toThrow('2 came back with 1');
  await expect(third).rejects.toThrow('2 came back with 1');
  const fourth = group.add(4);
  await settled();
  batches[2]!.done();
  expect(await fourth).toBe('r4');
});

test('a run that throws at once rejects too', async () => {
  const group = createGroup<number, number>({
    run: () => {
      throw new Error('now');
    },
  });
  await expect(group.add(1)).rejects.toThrow('now');
});

test('drain waits for all; too many waiting are refused', async () => {
  const { batches, run } = gate();
  const group = createGroup({ maxInFlight: 1, maxWaiting: 2, run });
  await group.drain();
  const calls = [group.add(1)];
  await settled();
  calls.push(group.add(2), group.add(3));
  await expect(group.add(4)).rejects.toMatchObject({ code: 'unavailable' });
  expect(group.stats()).toEqual({ waiting: 2, inFlight: 1 });
  let drained = false;
  const drain = group.drain().then(() => {
    drained = true;
  });
  batches[0]!.done();
  await settled();
  expect(drained).toBe(false);
  batches[1]!.done();
  await drain;
  expect(await Promise.all(calls)).toEqual(['r1', 'r2', 'r3']);
});

test('a batch holds a limited weight and takes keys round-robin, each key in order', async () => {
  const { batches, run } = gate();
  const options = { weigh: (n: number) => n % 10, keyOf: (n: number) => String(Math.floor(n / 100)), maxWeight: 12 };
  const group = createGroup({ maxInFlight: 1, run, ...options });
  void group.add(901);
  await settled();
  // Five of a flood that weigh 5 each, then two of others.
  for (const n of [105, 115, 125, 135, 145, 201, 301]) void group.add(n);
  for (let i = 0; i < 3; i++) {
    batches[i]!.done();
    await settled();
    await settled();
  }
  expect(batches.map(({ items }) => items)).toEqual([[901], [105, 201, 301, 115], [125, 135], [145]]);
  batches[3]!.done();
  await group.drain();
});

test('an item heavier than a batch goes alone', async () => {
  const { batches, run } = gate();
  const group = createGroup({ run, weigh: (n: number) => n, maxWeight: 10 });
  for (const n of [50, 1]) void group.add(n);
  await settled();
  expect(batches.map(({ items }) => items)).toEqual([[50], [1]]);
});
