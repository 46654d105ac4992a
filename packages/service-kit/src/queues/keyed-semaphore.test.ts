import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createKeyedSemaphore } from './keyed-semaphore.ts';

describe('a keyed semaphore', () => {
  it('admits its limit at once, and the others in order of arrival', async () => {
    const semaphore = createKeyedSemaphore(10);
    const order: number[] = [];
    let running = 0;
    let most = 0;
    await Promise.all(
      Array.from({ length: 8 }, async (_, i) => {
        const end = await semaphore.take('a', 2, 1000);
        most = Math.max(most, ++running);
        order.push(i);
        await pause(2);
        running--;
        end!();
      }),
    );
    expect(most).toBe(2);
    expect(order).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it('counts each key by itself', async () => {
    const semaphore = createKeyedSemaphore(10);
    await semaphore.take('a', 1, 1000);
    expect(await semaphore.take('b', 1, 1000)).not.toBeNull();
  });

  it('refuses a caller after its time limit, and at once when too many wait', async () => {
    const semaphore = createKeyedSemaphore(1);
    const end = await semaphore.take('a', 1, 1000);
    const waiting = semaphore.take('a', 1, 20);
    expect(await semaphore.take('a', 1, 1000)).toBeNull();
    expect(await waiting).toBeNull();
    end!();
    expect(await semaphore.take('a', 1, 0)).not.toBeNull();
  });
});
