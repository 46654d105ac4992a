import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build as esbuild } from 'esbuild';
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

test('an error shows its stack', () => {
  const error = { ...entry, level: 'error', err: { type: 'E', message: 'why', stack: 'E: why\n    at here' } };
  expect(printed('pretty', (printer) => printer.line('identity', JSON.stringify(error)))).toEqual([
    'identity          │ 10:11:12.345 ERROR slow ms=12',
    'identity          │     E: why',
    'identity          │         at here',
  ]);
});

test('the json format prints one JSON object per line, also for other output of a process', () => {
  const lines = printed('json', (printer) => {
    printer.line('identity', JSON.stringify(entry));
    printer.line('identity', 'Node.js v24');
  });
  expect(lines[0]).toBe(JSON.stringify(entry));
  expect(JSON.parse(lines[1]!)).toMatchObject({ level: 'info', name: 'identity', msg: 'Node.js v24' });
});

test('an error in a bundle is shown where its source is', async () => {
  const root = mkdtempSync(join(tmpdir(), 'recado-frames-'));
  const dir = join(root, 'dist', 'x');
  await esbuild({
    stdin: {
      contents: '\n\nexport function broken() {\n  throw new Error("here");\n}',
      sourcefile: 'broken.ts',
      resolveDir: dir,
    },
    outfile: join(dir, 'main.mjs'),
    sourcemap: true,
    minifyWhitespace: true,
    format: 'esm',
  });
  const bundle = join(dir, 'main.mjs');
  const { broken } = (await import(/* @vite-ignore */ bundle)) as { broken: () => void };
  expect(broken).toThrow('here');
  const [row, column] = [1, readFileSync(join(dir, 'main.mjs'), 'utf8').indexOf('throw') + 1];
  const [line] = printed('pretty', (printer) =>
    printer.line('x', `    at broken (file://${dir}/main.mjs:${row}:${column})`),
  );
  expect(line).toMatch(/ {4}at broken \(.*broken\.ts:4:3\)$/);
  rmSync(root, { recursive: true });
});
