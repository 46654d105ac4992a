import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const path = (file: string) => fileURLToPath(new URL(`../${file}`, import.meta.url));
const text = readFileSync(path('docs/security.md'), 'utf8');

/** The rows of the tables below a heading, without their head. */
function rowsBelow(heading: string): string[] {
  const section = text.split(/^## /m).find((one) => one.startsWith(heading)) ?? '';
  return section
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2);
}

describe('docs/security.md', () => {
  it('names test files that exist', () => {
    const named = [...text.matchAll(/`([\w./-]+\.test\.ts)`/g)].map(([, file]) => file ?? '');
    expect(named.length).toBeGreaterThan(40);
    expect(named.filter((file) => !existsSync(path(file)))).toEqual([]);
  });

  it.each(['Promises', 'OWASP API Security Top 10'])('names a test in every row of "%s"', (heading) => {
    const rows = rowsBelow(heading);
    expect(rows.length).toBeGreaterThanOrEqual(10);
    expect(rows.filter((row) => !/`[\w./-]+\.test\.ts`/.test(row.split('|').at(-2) ?? ''))).toEqual([]);
  });

  it('has a row for each of the ten risks', () => {
    expect(rowsBelow('OWASP').map((row) => /API(\d+) /.exec(row)?.[1])).toEqual(
      Array.from({ length: 10 }, (_, i) => String(i + 1)),
    );
  });
});
