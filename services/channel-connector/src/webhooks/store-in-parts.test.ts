import type { OutgoingEvent } from '@recado/messaging';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FLOOD, ORDINARY, storeInParts } from './store-in-parts.ts';

beforeEach(() => void vi.useFakeTimers());
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
      await new Promise((resolve) => setTimeout(resolve, ms));
      return webhooks.map((events) => (events.some(({ subject }) => subject === fails) ? new Error('bad') : null));
    },
  };
}

async function store(into: Pick<ReturnType<typeof createStore>, 'add'>, webhooks: OutgoingEvent[][]) {
  const started = performance.now();
  const stored = storeInParts(into, webhooks, FLOOD);
  await vi.runAllTimersAsync();
  return { results: await stored, ms: performance.now() - started };
}

test('a flood is stored in small parts, in its order, with rests in between', async () => {
  const group = createStore(5);
  const { results, ms } = await store(group, [webhook('a', 20), webhook('b', 1), webhook('c', 30)]);
  expect(results).toEqual([null, null, null]);
  expect(group.parts.map((part) => part.length)).toEqual([16, 16, 16, 3]);
  const all = [webhook('a', 20), webhook('b', 1), webhook('c', 30)].flat().map(({ subject }) => subject);
  expect(group.parts.flat()).toEqual(all);
  // Four commits, and three rests of six times as long.
  expect(ms).toBe(4 * 5 + 3 * 30);
});

test('nothing more is stored of a webhook that failed, and the others are not held up by it', async () => {
  const group = createStore(1, 'a3');
  const { results } = await store(group, [webhook('a', 3 * FLOOD.events), webhook('b', 2)]);
  expect(results).toEqual([new Error('bad'), null]);
  expect(group.parts.map((part) => part.length)).toEqual([16, 2]);
});

test('an outage in the middle fails what was not stored yet', async () => {
  const group = createStore(1);
  const away = {
    add: (webhooks: OutgoingEvent[][]) =>
      group.parts.length === 1 ? Promise.reject(new Error('away')) : group.add(webhooks),
  };
  const { results } = await store(away, [webhook('a', 16), webhook('b', 1), webhook('c', 16)]);
  expect(results).toEqual([null, new Error('away'), new Error('away')]);
});

test('all rests of a request together are two seconds at most', async () => {
  const { ms } = await store(createStore(10), [webhook('a', 100 * FLOOD.events)]);
  expect(ms).toBe(100 * 10 + 2000);
});

test('ordinary webhooks are stored in one part, and a very large one gives others their turns', async () => {
  vi.useRealTimers();
  const group = createStore(0);
  await storeInParts(group, [webhook('a', 1), webhook('b', 2)], ORDINARY);
  await storeInParts(group, [webhook('c', 1200)], ORDINARY);
  expect(group.parts.map((part) => part.length)).toEqual([3, 500, 500, 200]);
});
