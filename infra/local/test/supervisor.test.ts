import { eventually } from '@recado/testkit';
import { afterEach, expect, test } from 'vitest';
import { createSupervisor, type Supervisor } from '../supervisor.ts';

let supervisor: Supervisor;
const names = new Set<string>();

function supervise(options: { stableAfter?: number } = {}) {
  const events: string[] = [];
  const lines: string[] = [];
  supervisor = createSupervisor({
    onLine: (name, line) => lines.push(`${name}: ${line}`),
    onEvent: (name, message) => events.push(`${name} ${message}`),
    pause: { first: 10, last: 40 },
    ...options,
  });
  return { events, lines };
}

function node(name: string, script: string) {
  names.add(name);
  return { name, file: process.execPath, args: ['-e', script] };
}

afterEach(async () => {
  await Promise.all([...names].map((name) => supervisor.stop(name, 500)));
  names.clear();
});

test('a process that keeps dying is started again after pauses that double up to the longest', async () => {
  const { events } = supervise();
  await supervisor.start(node('crasher', 'process.exit(3)'));
  await eventually(() => expect(events.length).toBeGreaterThanOrEqual(4));
  expect(events.slice(0, 4)).toEqual([
    'crasher ended (exit code 3), starting again in 10 ms',
    'crasher ended (exit code 3), starting again in 20 ms',
    'crasher ended (exit code 3), starting again in 40 ms',
    'crasher ended (exit code 3), starting again in 40 ms',
  ]);
});

test('after a stable run the pause begins small again', async () => {
  const { events } = supervise({ stableAfter: 0 });
  await supervisor.start(node('steady', 'process.exit(0)'));
  await eventually(() => expect(events.length).toBeGreaterThanOrEqual(3));
  expect(new Set(events)).toEqual(new Set(['steady ended (exit code 0), starting again in 10 ms']));
});

test('a killed process comes back with another id, and its log lines show which one wrote them', async () => {
  const { events, lines } = supervise();
  await supervisor.start(node('worker', 'console.log("up"); setInterval(() => {}, 1000)'));
  await eventually(() => expect(lines).toEqual(['worker: up']));
  const before = supervisor.pids().worker;
  supervisor.kill('worker');
  await eventually(() => expect(lines).toEqual(['worker: up', 'worker: up']));
  expect(events).toEqual(['worker ended (killed by SIGKILL), starting again in 10 ms']);
  expect(supervisor.pids().worker).not.toBe(before);
  expect(supervisor.restarts()).toEqual({ worker: 1 });
});

test('a stopped process finishes its work, stays down, and can be started again', async () => {
  const { lines, events } = supervise();
  const polite = node(
    'polite',
    'process.on("SIGTERM", () => { console.log("bye"); process.exit(0) }); console.log("up"); setInterval(() => {}, 1000)',
  );
  await supervisor.start(polite);
  await eventually(() => expect(lines).toEqual(['polite: up']));
  await supervisor.stop('polite');
  expect(supervisor.pids()).toEqual({ polite: null });
  await eventually(() => expect(lines).toEqual(['polite: up', 'polite: bye']));
  await supervisor.start(polite);
  await eventually(() => expect(lines).toEqual(['polite: up', 'polite: bye', 'polite: up']));
  expect(events).toEqual([]);
});

test('a process that does not stop when asked is killed', async () => {
  const { lines } = supervise();
  await supervisor.start(
    node('stubborn', 'process.on("SIGTERM", () => {}); console.log("up"); setInterval(() => {}, 1000)'),
  );
  await eventually(() => expect(lines).toEqual(['stubborn: up']));
  await supervisor.stop('stubborn', 50);
  expect(supervisor.pids()).toEqual({ stubborn: null });
});

test('a program that does not exist is tried again and throws nothing', async () => {
  const { events } = supervise();
  names.add('ghost');
  await supervisor.start({ name: 'ghost', file: '/nowhere/ghost', args: [] });
  await eventually(() => expect(events[0]).toContain('ENOENT'));
});

test('a stop waits for a start’s preparation, and then the process is not started', async () => {
  supervise();
  const { promise, resolve } = Promise.withResolvers<void>();
  const starting = supervisor.start({ ...node('late', 'setInterval(() => {}, 1000)'), before: () => promise });
  let stopped = false;
  const stopping = supervisor.stop('late').then(() => (stopped = true));
  await new Promise(setImmediate);
  expect(stopped).toBe(false);
  resolve();
  await Promise.all([starting, stopping]);
  expect(supervisor.pids()).toEqual({ late: null });
});
