import { expect, test } from 'vitest';
import { createPrinter } from '../log-lines.ts';

function printed(format: 'pretty' | 'json', say: (printer: ReturnType<typeof createPrinter>) => void): string[] {
  const lines: string[] = [];
  say(createPrinter(format, (line) => lines.push(line), false));
  return lines;
}

const entry = {
  level: 'warn',
  time: '2026-11-21T10:11:12.345Z',
  name: 'identity',
  msg: 'slow',
  ms: 12,
  err: { type: 'E', message: 'why' },
};

test('a log line becomes one readable line with its process before it', () => {
  const lines = printed('pretty', (printer) => {
    printer.line('identity', JSON.stringify(entry));
    printer.line('identity', 'plain words');
    printer.note('identity', 'ended');
  });
  expect(lines).toEqual([
    'identity          │ 10:11:12.345 WARN  slow ms=12 err="E: why"',
    'identity          │ plain words',
    'identity          │ ── ended',
  ]);
});

test('an error shows where it came from', () => {
  const error = { ...entry, level: 'error', err: { type: 'E', message: 'why', stack: 'E: why\n    at here' } };
  expect(printed('pretty', (printer) => printer.line('identity', JSON.stringify(error)))).toEqual([
    'identity          │ 10:11:12.345 ERROR slow ms=12',
    'identity          │     E: why',
    'identity          │         at here',
  ]);
});

test('machines get one JSON object per line, whatever a process printed', () => {
  const lines = printed('json', (printer) => {
    printer.line('identity', JSON.stringify(entry));
    printer.line('identity', 'Node.js v24');
  });
  expect(lines[0]).toBe(JSON.stringify(entry));
  expect(JSON.parse(lines[1]!)).toMatchObject({ level: 'info', name: 'identity', msg: 'Node.js v24' });
});
