import { expect, it } from 'vitest';
import { createSeenEvents } from './seen-events.ts';

it('remembers at least the latest `capacity` ids and at most twice as many', () => {
  const seen = createSeenEvents(100);
  for (let i = 0; i < 1_000; i++) seen.add(String(i));
  for (let i = 900; i < 1_000; i++) expect(seen.has(String(i)), String(i)).toBe(true);
  expect(seen.has('0')).toBe(false);
  expect(seen.size).toBeLessThanOrEqual(200);
});

it('counts an id once however often it is added', () => {
  const seen = createSeenEvents(10);
  for (let i = 0; i < 50; i++) seen.add('same');
  expect(seen.size).toBe(1);
});
