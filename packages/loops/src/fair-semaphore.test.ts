import { describe, expect, it } from 'vitest';
import { createFairSemaphore } from './fair-semaphore.ts';

const LONG = 60_000;
const OPTIONS = { places: 8, perKey: 4, spare: 2, maxWaiting: 2000 };
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Takes places and notes who got one, in order; `endFirst` frees the one that was given first. */
function createRun(options = OPTIONS) {
  const semaphore = createFairSemaphore(options);
  const granted: string[] = [];
  const refused: string[] = [];
  const ends: (() => void)[] = [];
  return {
    granted,
    refused,
    take(key: string, count = 1) {
      for (let i = 0; i < count; i++) {
        void semaphore.take(key, LONG).then((end) => {
          (end ? granted : refused).push(key);
          if (end) ends.push(end);
        });
      }
      return settle();
    },
    endFirst() {
      ends.shift()!();
      return settle();
    },
  };
}
const FLOODING = ['a', 'b', 'c', 'd', 'e'];

describe('places shared fairly', () => {
  it('go to the first of a key at once although three keys have 200 waiting each', async () => {
    const run = createRun();
    for (const key of ['a', 'b', 'c']) await run.take(key, 200);
    const before = run.granted.length;
    await run.take('f');
    expect(run.granted.slice(before)).toEqual(['f']);
  });

  it('go to the first of a key after two ends although five keys have 200 waiting each', async () => {
    const run = createRun();
    for (const key of FLOODING) await run.take(key, 200);
    const before = run.granted.length;
    await run.take('f');
    for (let i = 0; i < 2; i++) await run.endFirst();
    expect(run.granted.slice(before)).toEqual(['e', 'f']);
  });

  it('go to the first of each key before the second of any although ten keys fill all of them', async () => {
    const run = createRun();
    for (let i = 0; i < 10; i++) await run.take(`k${i}`, 200);
    await run.take('f');
    expect(run.granted).toEqual(['k0', 'k0', 'k0', 'k0', 'k1', 'k1', 'k2', 'k3']);
    for (let i = 0; i < 7; i++) await run.endFirst();
    expect(run.granted.slice(8)).toEqual(['k4', 'k5', 'k6', 'k7', 'k8', 'k9', 'f']);
  });

  it('are given alternately: five keys with 200 each get equally many', async () => {
    const run = createRun();
    for (const key of FLOODING) await run.take(key, 200);
    for (let i = 0; i < 500; i++) await run.endFirst();
    const counts = FLOODING.map((key) => run.granted.filter((one) => one === key).length);
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(OPTIONS.perKey);
  });

  it('never exceed a key’s limit, and go to its callers in order', async () => {
    const semaphore = createFairSemaphore(OPTIONS);
    const order: number[] = [];
    const ends: (() => void)[] = [];
    for (let i = 0; i < 10; i++) {
      void semaphore.take('a', LONG).then((end) => {
        order.push(i);
        ends.push(end!);
      });
    }
    await settle();
    expect(order).toEqual([0, 1, 2, 3]);
    for (let i = 0; i < 6; i++) {
      ends[i]!();
      await settle();
    }
    expect(order).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('are all given out and never exceeded, in any order of release', async () => {
    const run = createRun();
    let ended = 0;
    for (const key of FLOODING) await run.take(key, 40);
    for (; ended < 200; ended++) {
      expect(run.granted.length - ended).toBeLessThanOrEqual(OPTIONS.places);
      await run.endFirst();
    }
    expect(run.granted).toHaveLength(200);
  });

  it('are waited for only until the time limit, and the wait of others goes on', async () => {
    const semaphore = createFairSemaphore({ ...OPTIONS, perKey: 1 });
    const end = await semaphore.take('a', LONG);
    const patient = semaphore.take('a', LONG);
    expect(await semaphore.take('a', 1)).toBeNull();
    end!();
    expect(await patient).not.toBeNull();
  });

  it('are refused to the newest caller of the longest queue when too many wait', async () => {
    const run = createRun({ ...OPTIONS, places: 2, spare: 0, perKey: 2, maxWaiting: 10 });
    await run.take('a', 12);
    await run.take('b', 2);
    expect(run.refused).toEqual(['a', 'a']);
    await run.take('a');
    expect(run.refused).toEqual(['a', 'a', 'a']);
    await run.endFirst();
    await run.endFirst();
    expect(run.granted).toEqual(['a', 'a', 'b', 'a']);
  });
});
