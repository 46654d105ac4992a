import type { WebhookFrame } from '@recado/contracts';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createBulkLane } from './bulk-lane.ts';
import type { FrameResult } from './side-queue.ts';

const LARGE = 33 * 1024;
const frame = (channelId: string | null, bytes = 700): WebhookFrame => ({
  provider: 'meta',
  channelId,
  headers: {},
  body: new Uint8Array(bytes),
});

/** A lane whose requests take 20 ms. */
function createLane() {
  const requests: (string | null)[][] = [];
  const results: FrameResult[] = [];
  const lane = createBulkLane({
    weigh: ({ body }) => body.length,
    async send(frames) {
      requests.push(frames.map(({ channelId }) => channelId));
      await new Promise((resolve) => setTimeout(resolve, 20));
      return frames.map(() => 200);
    },
  });
  return { lane, requests, results, push: (one: WebhookFrame) => lane.push(one, (result) => results.push(result)) };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('the lane of floods takes', () => {
  it('no webhook while its number is alone, however large', () => {
    const { lane } = createLane();
    expect(lane.takes(frame('a'))).toBe(false);
    expect(lane.takes(frame('a', LARGE))).toBe(false);
  });

  it('a large webhook within a second after another number had one', () => {
    const { lane } = createLane();
    lane.takes(frame('b'));
    expect(lane.takes(frame('a', LARGE))).toBe(true);
    vi.advanceTimersByTime(1001);
    expect(lane.takes(frame('a', LARGE))).toBe(false);
  });

  it('a large webhook that names no number beside small ones that name none', () => {
    const { lane } = createLane();
    lane.takes(frame(null));
    expect(lane.takes(frame(null, LARGE))).toBe(true);
    expect(lane.takes(frame(null))).toBe(false);
  });

  it('small webhooks of a number that has most of what waits', () => {
    const { lane } = createLane();
    lane.takes(frame('b'));
    lane.countOrdinary(frame('a'), 65 * 1024);
    expect(lane.takes(frame('a'))).toBe(true);
    expect(lane.takes(frame('b'))).toBe(false);
    lane.countOrdinary(frame('a'), -65 * 1024);
    expect(lane.takes(frame('a'))).toBe(false);
  });

  it('none of several numbers that are equally busy', () => {
    const { lane } = createLane();
    for (const number of ['a', 'b', 'c']) {
      lane.takes(frame(number));
      lane.countOrdinary(frame(number), 100 * 1024);
    }
    expect(['a', 'b', 'c'].map((number) => lane.takes(frame(number)))).toEqual([false, false, false]);
  });
});

describe('the lane of floods', () => {
  it('sends one small request at a time and rests before it answers', async () => {
    const { lane, requests, results, push } = createLane();
    lane.takes(frame('b'));
    for (let i = 0; i < 3; i++) push(frame('a', LARGE));
    await vi.advanceTimersByTimeAsync(110);
    expect([requests, results]).toEqual([[['a']], []]);
    await vi.advanceTimersByTimeAsync(15);
    expect([requests, results]).toEqual([[['a'], ['a']], [200]]);
    const drained = lane.drain();
    await vi.runAllTimersAsync();
    await drained;
    expect(results).toEqual([200, 200, 200]);
  });

  it('does not rest when the other number has gone', async () => {
    const { lane, results, push } = createLane();
    lane.takes(frame('b'));
    vi.advanceTimersByTime(1001);
    push(frame('a', LARGE));
    await vi.advanceTimersByTimeAsync(21);
    expect(results).toEqual([200]);
  });

  it('refuses what is beyond 32 MiB, and takes webhooks again later', async () => {
    const { results, push } = createLane();
    for (let i = 0; i < 13; i++) push(frame('a', 3 * 1024 * 1024));
    await vi.runAllTimersAsync();
    expect(results.filter((result) => result === 200)).toHaveLength(10);
    expect(results.filter((result) => result instanceof Error)).toHaveLength(3);
    push(frame('a'));
    await vi.runAllTimersAsync();
    expect(results.at(-1)).toBe(200);
  });
});
