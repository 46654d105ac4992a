import type { WebhookFrame } from '@recado/contracts';
import { describe, expect, it } from 'vitest';
import { createSideLane, type FrameResult } from './side-lane.ts';
import { createStanding } from './standing.ts';

const frame = (name: string, bytes = 1): WebhookFrame => ({
  provider: 'meta',
  channelId: name,
  headers: {},
  body: new Uint8Array(bytes),
});

/** A lane whose requests wait until they are let go. */
function heldLane(options: { maxBytes?: number; maxBytesPerAddress?: number; maxFramesPerAddress?: number } = {}) {
  const batches: string[][] = [];
  let release = () => {};
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const lane = createSideLane({
    ...options,
    async send(frames) {
      batches.push(frames.map(({ channelId }) => channelId!));
      await gate;
      return frames.map(() => 200);
    },
  });
  const results = new Map<string, FrameResult>();
  const push = (name: string, address: string, bytes?: number) =>
    lane.push(frame(name, bytes), address, (result) => results.set(name, result));
  return { lane, batches, results, push, release: () => release() };
}

describe('the lane of doubtful bodies', () => {
  it('serves one body of each address in turn', async () => {
    const { lane, batches, push, release } = heldLane();
    push('first', 'x');
    await expect.poll(() => batches.length).toBe(1);
    for (let i = 0; i < 20; i++) push(`flood${i}`, 'flood');
    push('good', 'meta');
    release();
    await lane.drain();
    expect(batches[1]!.slice(0, 3)).toEqual(['flood0', 'good', 'flood1']);
  });

  it('refuses an address that has too much waiting, and no other', async () => {
    const { lane, batches, results, push, release } = heldLane({ maxFramesPerAddress: 3, maxBytesPerAddress: 10 });
    push('first', 'x');
    await expect.poll(() => batches.length).toBe(1);
    for (let i = 0; i < 5; i++) push(`many${i}`, 'many');
    push('large0', 'large', 8);
    push('large1', 'large', 8);
    push('good', 'meta', 8);
    release();
    await lane.drain();
    await expect.poll(() => results.size).toBe(9);
    const refused = [...results].filter(([, result]) => result !== 200);
    expect(refused).toEqual([
      ['many3', 429],
      ['many4', 429],
      ['large1', 429],
    ]);
    expect(results.get('good')).toBe(200);
  });

  it('takes a body larger than an address may have waiting when it has none', async () => {
    const { lane, results, push, release } = heldLane({ maxBytes: 5, maxBytesPerAddress: 5 });
    push('large', 'x', 50);
    release();
    await lane.drain();
    expect(results.get('large')).toBe(200);
  });
});

describe('the standing of an address', () => {
  const KB = 1024;
  it('lets one that is new have little under way', () => {
    const standing = createStanding(() => 0);
    expect(standing.admit('new', 1024 * KB)).toBe(false);
    const admitted = Array.from({ length: 10 }, () => standing.admit('new', 10 * KB));
    expect(admitted.filter(Boolean)).toHaveLength(6);
  });

  it('grows with good bodies, so that Meta’s largest go beside the others', () => {
    const standing = createStanding(() => 0);
    for (let i = 0; i < 1000; i++) standing.settle('meta', 3 * KB, 200, standing.admit('meta', 3 * KB));
    expect(standing.admit('meta', 2048 * KB)).toBe(true);
  });

  it('outlasts some bad bodies among good ones, and falls with mostly bad ones', () => {
    const standing = createStanding(() => 0);
    const answer = (address: string, status: number) =>
      standing.settle(address, 2 * KB, status, standing.admit(address, 2 * KB));
    for (let i = 0; i < 300; i++) answer('meta', i % 3 === 0 ? 401 : 200);
    expect(standing.admit('meta', 2 * KB)).toBe(true);
    for (let i = 0; i < 300; i++) answer('stranger', i % 3 === 0 ? 200 : 401);
    expect(standing.admit('stranger', 2 * KB)).toBe(false);
  });

  it('is no worse for what could not be judged', () => {
    const standing = createStanding(() => 0);
    for (const status of [503, 429, null]) {
      for (let i = 0; i < 50; i++) standing.settle('meta', KB, status, standing.admit('meta', KB));
    }
    expect(standing.admit('meta', 60 * KB)).toBe(true);
  });

  it('is forgiven with time', () => {
    let now = 0;
    const standing = createStanding(() => now);
    standing.settle('stranger', 1024 * KB, 401, false);
    expect(standing.admit('stranger', KB)).toBe(false);
    now += 2 * 60_000;
    expect(standing.admit('stranger', KB)).toBe(true);
  });
});
