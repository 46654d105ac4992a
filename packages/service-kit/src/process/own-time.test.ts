import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { answerWithin } from './own-time.ts';

/** Holds the event loop, as a large body or a busy machine does. */
function standStill(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

describe('an answer within a time', () => {
  it('is what the server says, or its error', async () => {
    expect(await answerWithin(Promise.resolve('PONG'), 50)).toBe('PONG');
    await expect(answerWithin(Promise.reject(new Error('READONLY')), 50)).rejects.toThrow('READONLY');
  });

  it('fails when the server stays silent', async () => {
    await expect(answerWithin(new Promise(() => {}), 10)).rejects.toThrow('No answer within 10 ms');
  });

  it('is read after a pause of this process, which is no outage', async () => {
    const answer = answerWithin(pause(60, 'PONG'), 50);
    standStill(120);
    expect(await answer).toBe('PONG');
  });

  it('fails at a silent server even when the process never rests', async () => {
    const busy = setInterval(() => standStill(25), 1);
    await expect(answerWithin(new Promise(() => {}), 5)).rejects.toThrow('No answer');
    clearInterval(busy);
  });
});
