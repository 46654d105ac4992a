import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { startPruning } from './prune.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const TEN_MINUTES = 10 * 60_000;

it('Old rows are deleted every ten minutes, until the service stops', async () => {
  const prune = vi.fn(async () => {});
  const stop = startPruning(prune, { warn: vi.fn() });
  expect(prune).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(3 * TEN_MINUTES);
  expect(prune).toHaveBeenCalledTimes(3);
  stop();
  await vi.advanceTimersByTimeAsync(TEN_MINUTES);
  expect(prune).toHaveBeenCalledTimes(3);
});

it('A deletion that fails is logged and tried again', async () => {
  const failure = new Error('no database');
  const warn = vi.fn();
  const prune = vi.fn(async () => {
    throw failure;
  });
  const stop = startPruning(prune, { warn });
  await vi.advanceTimersByTimeAsync(2 * TEN_MINUTES);
  stop();
  expect(prune).toHaveBeenCalledTimes(2);
  expect(warn.mock.calls).toEqual(Array(2).fill([{ err: failure }, expect.stringContaining('could not be deleted')]));
});
