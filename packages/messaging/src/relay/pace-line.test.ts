import { expect, test } from 'vitest';
import { PaceLine } from './pace-line.ts';

/** A line whose durable has read nothing yet. */
function line(): PaceLine {
  const made = new PaceLine('reader', 'live');
  made.start({ left: 0, progress: '0' }, 0);
  return made;
}

function send(to: PaceLine, messages: number, events: number): void {
  for (let i = 0; i < messages; i++) {
    to.sent(events, null);
    to.answered();
  }
}

test('room shrinks with what is sent and grows with what is read, counted in events', () => {
  const one = line();
  const limit = one.limit();
  send(one, 4, 64);
  expect(one.room()).toBe(limit - 256);
  one.learn({ left: 1, progress: '3' }, one.ask(), 10);
  expect(one.room()).toBe(one.limit() - 64);
  one.learn({ left: 0, progress: '4' }, one.ask(), 20);
  expect(one.room()).toBe(one.limit());
});

test('what is sent while the durable is asked counts as unread', () => {
  const one = line();
  send(one, 2, 10);
  one.sent(10, null);
  const asked = one.ask();
  send(one, 5, 10);
  one.learn({ left: 1, progress: '1' }, asked, 10);
  expect(one.limit() - one.room()).toBe(70);
});

test('a durable that reads faster gets more room, within bounds', () => {
  const slow = line();
  const fast = line();
  for (let at = 100; at < 10_000; at += 100) {
    send(slow, 2, 1);
    send(fast, 20, 100);
    slow.learn({ left: 1, progress: `${at}` }, slow.ask(), at);
    fast.learn({ left: 1, progress: `${at}` }, fast.ask(), at);
  }
  expect(slow.limit()).toBe(512);
  expect(fast.limit()).toBe(4096);
});

test('the relay stops waiting for a durable without progress for two seconds, until it has caught up', () => {
  const one = line();
  send(one, 100, 64);
  one.learn({ left: 100, progress: '0' }, one.ask(), 1000);
  expect(one.room()).toBeLessThan(0);
  one.learn({ left: 100, progress: '0' }, one.ask(), 2500);
  expect(one.room()).toBe(Number.POSITIVE_INFINITY);
  one.learn({ left: 60, progress: '40' }, one.ask(), 2600);
  expect(one.room()).toBe(Number.POSITIVE_INFINITY);
  one.learn({ left: 2, progress: '98' }, one.ask(), 2700);
  expect(one.room()).toBe(one.limit() - 128);
});

test('the relay waits half a minute for the main reader of a stream while it restarts', () => {
  const one = new PaceLine('reader', 'first');
  one.start({ left: 0, progress: '0' }, 0);
  send(one, 100, 64);
  one.learn({ left: 100, progress: '1' }, one.ask(), 1000);
  one.learn({ left: 100, progress: '1' }, one.ask(), 30_000);
  expect(one.room()).toBeLessThan(0);
  one.learn({ left: 100, progress: '1' }, one.ask(), 32_000);
  expect(one.room()).toBe(Number.POSITIVE_INFINITY);
});

test.each(['live', 'first'] as const)(
  'nothing waits for a %s durable that does not exist or that cannot be asked',
  (kind) => {
    const one = new PaceLine('reader', kind);
    send(one, 100, 64);
    one.learn(null, one.ask(), 10);
    expect(one.room()).toBeLessThan(0);
    one.learn(null, one.ask(), 2500);
    expect(one.room()).toBe(Number.POSITIVE_INFINITY);
    const other = line();
    send(other, 100, 64);
    other.forget();
    expect(other.room()).toBe(Number.POSITIVE_INFINITY);
  },
);

test('a new leader counts what an earlier one has sent, and does not wait for a long backlog', () => {
  const short = new PaceLine('reader', 'live');
  short.start({ left: 20, progress: '5' }, 0);
  expect(short.room()).toBe(short.limit() - 160);
  const long = new PaceLine('reader', 'live');
  long.start({ left: 100_000, progress: '5' }, 0);
  expect(long.room()).toBe(Number.POSITIVE_INFINITY);
});

test('without room a tenant with few waiting events may still send, within a reserve', () => {
  const line = new PaceLine('one', 'first');
  for (let i = 0; i < 9; i++) line.sent(64, 'flood');
  line.sent(31, 'small');
  expect(line.room()).toBeLessThan(0);
  expect(line.reserve()).toBeGreaterThan(0);
  expect(line.busyTenants()).toEqual(new Set(['flood']));
  line.sent(1, 'small');
  expect(line.busyTenants()).toEqual(new Set(['flood', 'small']));
  line.sent(200, 'third');
  expect(line.reserve()).toBeLessThanOrEqual(0);
  for (let i = 0; i < 12; i++) line.answered();
  line.learn({ left: 2, progress: '1' }, line.ask(), 1000);
  expect(line.busyTenants()).toEqual(new Set(['third']));
});
