import type { WebhookFrame } from '@recado/contracts';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type BulkLane, createBulkLane } from './bulk-lane.ts';
import type { FrameResult } from './side-queue.ts';

const LARGE = 33 * 1024;
const frame = (channelId: string | null, bytes = 700): WebhookFrame => ({
  provider: 'meta',
  channelId,
  headers: {},
  body: new Uint8Array(bytes),
});

/** Whether the lane takes one after the other, when each that it leaves is answered at once. */
const takenOf = (lane: BulkLane, numbers: readonly string[]) =>
  numbers.map((number) => {
    const one = frame(number);
    const taken = lane.takes(one);
    if (!taken) lane.answered(one);
    return taken;
  });

/** A lane whose requests take 20 ms. */
function createLane() {
  const requests: (string | null)[][] = [];
  const inParts: boolean[] = [];
  const results: FrameResult[] = [];
  const lane = createBulkLane({
    weigh: ({ body }) => body.length,
    async send(frames, parts) {
      requests.push(frames.map(({ channelId }) => channelId));
      inParts.push(parts);
      await new Promise((resolve) => setTimeout(resolve, 20));
      return frames.map(() => 200);
    },
  });
  return {
    lane,
    requests,
    inParts,
    results,
    push: (one: WebhookFrame) => lane.push(one, (result) => results.push(result)),
  };
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

  it('small webhooks of a number that brings most of late, until it brings less', () => {
    const { lane } = createLane();
    const send = (number: string, count: number) => takenOf(lane, Array(count).fill(number));
    send('b', 2);
    const taken = send('a', 300);
    expect(taken.indexOf(true)).toBeGreaterThan(100);
    expect(taken.slice(taken.indexOf(true))).not.toContain(false);
    expect(send('b', 1)).toEqual([false]);
    vi.advanceTimersByTime(3000);
    send('b', 1);
    expect(send('a', 1)).toEqual([false]);
  });

  it('what one number brings while 32 of its webhooks have no answer, and others have traffic', () => {
    const { lane } = createLane();
    lane.takes(frame('b'));
    const taken = Array.from({ length: 40 }, () => lane.takes(frame('a')));
    expect(taken.indexOf(true)).toBe(32);
    expect(lane.takes(frame('b'))).toBe(false);
    lane.answered(frame('a'));
    expect([lane.takes(frame('a')), lane.takes(frame('a'))]).toEqual([false, true]);
  });

  it('none of a number that brings much while it is alone', () => {
    const { lane } = createLane();
    expect(Array.from({ length: 500 }, () => lane.takes(frame('a')))).not.toContain(true);
  });

  it('none of several numbers that are equally busy', () => {
    const { lane } = createLane();
    const taken = takenOf(lane, [...'abc'.repeat(300)]);
    // The first one alone is most of what came.
    expect(taken).not.toContain(true);
  });
});

describe('the lane of floods', () => {
  it('sends one small request at a time, in parts while another number is there', async () => {
    const { lane, requests, inParts, results, push } = createLane();
    lane.takes(frame('b'));
    for (let i = 0; i < 3; i++) push(frame('a', LARGE));
    await vi.advanceTimersByTimeAsync(19);
    expect([requests, results]).toEqual([[['a']], []]);
    await vi.advanceTimersByTimeAsync(1000);
    push(frame('a', LARGE));
    await vi.runAllTimersAsync();
    await lane.drain();
    expect(results).toEqual([200, 200, 200, 200]);
    expect(inParts).toEqual([true, true, true, false]);
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
