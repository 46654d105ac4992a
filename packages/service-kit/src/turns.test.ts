import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createTurns } from './turns.ts';

describe('a line', () => {
  it('lets so many in at once, and the others as they came', async () => {
    const turns = createTurns(10);
    const order: number[] = [];
    let running = 0;
    let most = 0;
    await Promise.all(
      Array.from({ length: 8 }, async (_, i) => {
        const end = await turns.take('a', 2, 1000);
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

  it('is no other key’s', async () => {
    const turns = createTurns(10);
    await turns.take('a', 1, 1000);
    expect(await turns.take('b', 1, 1000)).not.toBeNull();
  });

  it('is left after the time one would wait, and full beyond its length', async () => {
    const turns = createTurns(1);
    const end = await turns.take('a', 1, 1000);
    const waiting = turns.take('a', 1, 20);
    expect(await turns.take('a', 1, 1000)).toBeNull();
    expect(await waiting).toBeNull();
    end!();
    expect(await turns.take('a', 1, 0)).not.toBeNull();
  });
});
