import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { stopInOrder } from '../src/index.ts';
import { memoryLogger } from './helpers.ts';

test('steps run in order; a failing or hanging one does not hold up the rest', async () => {
  const { log, text } = memoryLogger();
  const ran: string[] = [];
  await stopInOrder(
    [
      ['http', () => ran.push('http')],
      ['relay', () => Promise.reject(new Error('broken'))],
      ['bus', () => new Promise(() => {})],
      ['database', async () => ran.push('database')],
    ],
    log,
    50,
  );
  expect(ran).toEqual(['http', 'database']);
  expect(text()).toContain('"step":"relay"');
  expect(text()).toContain('"step":"bus"');
});

describe('a process under runMain', () => {
  const fixture = fileURLToPath(new URL('./fixtures/process.ts', import.meta.url));
  const start = (mode: string) => {
    const child = spawn(process.execPath, [fixture, mode], { env: { ...process.env, LOG_FORMAT: 'json' } });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    const ready = new Promise<void>((resolve) => child.stdout.on('data', () => output.includes('up') && resolve()));
    const exit = once(child, 'close').then(([code]) => code as number);
    return { child, ready, exit, output: () => output };
  };

  test('stops on SIGTERM and exits with 0', async () => {
    const { child, ready, exit, output } = start('good');
    await ready;
    child.kill('SIGTERM');
    expect(await exit).toBe(0);
    expect(output()).toContain('closed everything');
  });

  test('ends when stopping hangs, and at once after a second signal', async () => {
    const hanging = start('hangs');
    await hanging.ready;
    hanging.child.kill('SIGINT');
    expect(await hanging.exit).toBe(1);
    expect(hanging.output()).toContain('did not stop in time');
    const twice = start('hangs-long');
    await twice.ready;
    twice.child.stdout.on('data', () => twice.output().includes('stopping') && twice.child.kill('SIGINT'));
    twice.child.kill('SIGINT');
    expect(await twice.exit).toBe(130);
  });

  test.each([
    ['uncaught', 'uncaught exception'],
    ['rejection', 'unhandled rejection'],
    ['fails', 'could not start'],
    ['config', 'DATABASE_URL  is required'],
  ])('%s ends it with 1 and says why', async (mode, said) => {
    const { exit, output } = start(mode);
    expect(await exit).toBe(1);
    expect(output()).toContain(said);
  });
});
