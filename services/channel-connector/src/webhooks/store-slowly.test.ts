import type { OutgoingEvent } from '@recado/messaging';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { PART_EVENTS, storeSlowly } from './store-slowly.ts';

const { pauses } = vi.hoisted(() => ({ pauses: [] as number[] }));
// vitest's clock does not know the timers of promises.
vi.mock('node:timers/promises', () => ({ setTimeout: async (ms: number) => void pauses.push(ms) }));
beforeEach(() => {
  pauses.length = 0;
  vi.useFakeTimers({ toFake: ['performance'] });
});
afterEach(() => void vi.useRealTimers());

/** `a0`, `a1` … of each webhook. */
const webhook = (name: string, events: number) =>
  Array.from({ length: events }, (_, i) => ({ subject: `${name}${i}` }) as OutgoingEvent);

/** A group whose commits take `ms`; `fails` names an event that cannot be stored. */
function createStore(ms: number, fails?: string) {
  const parts: string[][] = [];
  return {
    parts,
    async add(webhooks: OutgoingEvent[][]) {
      parts.push(webhooks.flat().map(({ subject }) => subject));
      vi.advanceTimersByTime(ms);
      return webhooks.map((events) => (events.some(({ subject }) => subject === fails) ? new Error('bad') : null));
    },
  };
}

test('a flood is stored in small parts, in its order, with rests in between', async () => {
  const group = createStore(5);
  const results = await storeSlowly(group, [webhook('a', 20), webhook('b', 1), webhook('c', 30)]);
  expect(results).toEqual([null, null, null]);
  expect(group.parts.map((part) => part.length)).toEqual([16, 16, 16, 3]);
  const all = [webhook('a', 20), webhook('b', 1), webhook('c', 30)].flat().map(({ subject }) => subject);
  expect(group.parts.flat()).toEqual(all);
  // Six times as long as a commit.
  expect(pauses).toEqual([30, 30, 30]);
});

test('nothing more is stored of a webhook that failed, and the others are not held up by it', async () => {
  const group = createStore(1, 'a3');
  const results = await storeSlowly(group, [webhook('a', 3 * PART_EVENTS), webhook('b', 2)]);
  expect(results).toEqual([new Error('bad'), null]);
  expect(group.parts.map((part) => part.length)).toEqual([16, 2]);
});

test('an outage in the middle fails what was not stored yet', async () => {
  const group = createStore(1);
  const away = {
    add: (webhooks: OutgoingEvent[][]) =>
      group.parts.length === 1 ? Promise.reject(new Error('away')) : group.add(webhooks),
  };
  expect(await storeSlowly(away, [webhook('a', 16), webhook('b', 1), webhook('c', 16)])).toEqual([
    null,
    new Error('away'),
    new Error('away'),
  ]);
});

test('all rests of a request together are two seconds at most', async () => {
  await storeSlowly(createStore(10), [webhook('a', 100 * PART_EVENTS)]);
  expect(pauses.reduce((sum, ms) => sum + ms)).toBe(2000);
  expect(Math.max(...pauses)).toBe(50);
});
