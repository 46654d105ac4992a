import type { WebhookFrame } from '@recado/contracts';
import { describe, expect, it } from 'vitest';
import { createSenderCredit } from './sender-credit.ts';
import { createSideQueue, type FrameResult } from './side-queue.ts';

const frame = (name: string, bytes = 1): WebhookFrame => ({
  provider: 'meta',
  channelId: name,
  headers: {},
  body: new Uint8Array(bytes),
});

/** A queue whose requests wait until release() is called. */
function createHeldQueue(
  options: { maxBytes?: number; maxBytesPerAddress?: number; maxFramesPerAddress?: number } = {},
) {
  const batches: string[][] = [];
  let release = () => {};
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const queue = createSideQueue({
    ...options,
    async send(frames) {
      batches.push(frames.map(({ channelId }) => channelId!));
      await gate;
      return frames.map(() => 200);
    },
  });
  const results = new Map<string, FrameResult>();
  const push = (name: string, address: string, bytes?: number) =>
    queue.push(frame(name, bytes), address, (result) => results.set(name, result));
  return { queue, batches, results, push, release: () => release() };
}

describe('the side queue', () => {
  it('serves one body of each address in turn', async () => {
    const { queue, batches, push, release } = createHeldQueue();
    push('first', 'x');
    await expect.poll(() => batches.length).toBe(1);
    for (let i = 0; i < 20; i++) push(`flood${i}`, 'flood');
    push('good', 'meta');
    release();
    await queue.drain();
    expect(batches[1]!.slice(0, 3)).toEqual(['flood0', 'good', 'flood1']);
  });

  it('refuses an address that has too much waiting, and no other', async () => {
    const { queue, batches, results, push, release } = createHeldQueue({
      maxFramesPerAddress: 3,
      maxBytesPerAddress: 10,
    });
    push('first', 'x');
    await expect.poll(() => batches.length).toBe(1);
    for (let i = 0; i < 5; i++) push(`many${i}`, 'many');
    push('large0', 'large', 8);
    push('large1', 'large', 8);
    push('good', 'meta', 8);
    release();
    await queue.drain();
    await expect.poll(() => results.size).toBe(9);
    const refused = [...results].filter(([, result]) => result !== 200);
    expect(refused).toEqual([
      ['many3', 429],
      ['many4', 429],
      ['large1', 429],
    ]);
    expect(results.get('good')).toBe(200);
  });

  it('takes the first burst of an address that is not known yet', async () => {
    const { queue, results, push, release } = createHeldQueue();
    for (let i = 0; i < 1000; i++) push(`burst${i}`, 'meta', 1000);
    release();
    await queue.drain();
    expect([...results.values()].filter((result) => result !== 200)).toEqual([]);
    expect(results.size).toBe(1000);
  });

  it('takes a body larger than an address may have waiting when it has none', async () => {
    const { queue, results, push, release } = createHeldQueue({ maxBytes: 5, maxBytesPerAddress: 5 });
    push('large', 'x', 50);
    release();
    await queue.drain();
    expect(results.get('large')).toBe(200);
  });
});

describe('the credit of an address', () => {
  const KB = 1024;
  it('lets a new address have little in flight', () => {
    const credit = createSenderCredit(() => 0);
    expect(credit.admit('new', 1024 * KB)).toBe(false);
    const admitted = Array.from({ length: 10 }, () => credit.admit('new', 10 * KB));
    expect(admitted.filter(Boolean)).toHaveLength(6);
  });

  it('grows with good bodies, so that Meta’s largest go beside the others', () => {
    const credit = createSenderCredit(() => 0);
    for (let i = 0; i < 1000; i++) credit.settle('meta', 3 * KB, 200, credit.admit('meta', 3 * KB));
    expect(credit.admit('meta', 2048 * KB)).toBe(true);
  });

  it('survives some bad bodies among good ones, and falls with mostly bad ones', () => {
    const credit = createSenderCredit(() => 0);
    const answer = (address: string, status: number) =>
      credit.settle(address, 2 * KB, status, credit.admit(address, 2 * KB));
    for (let i = 0; i < 300; i++) answer('meta', i % 3 === 0 ? 401 : 200);
    expect(credit.admit('meta', 2 * KB)).toBe(true);
    for (let i = 0; i < 300; i++) answer('stranger', i % 3 === 0 ? 200 : 401);
    expect(credit.admit('stranger', 2 * KB)).toBe(false);
  });

  it('does not fall for bodies without a verdict', () => {
    const credit = createSenderCredit(() => 0);
    for (const status of [503, 429, null]) {
      for (let i = 0; i < 50; i++) credit.settle('meta', KB, status, credit.admit('meta', KB));
    }
    expect(credit.admit('meta', 60 * KB)).toBe(true);
  });

  it('recovers with time', () => {
    let now = 0;
    const credit = createSenderCredit(() => now);
    credit.settle('stranger', 1024 * KB, 401, false);
    expect(credit.admit('stranger', KB)).toBe(false);
    now += 2 * 60_000;
    expect(credit.admit('stranger', KB)).toBe(true);
  });
});
