import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hasPrevious, listPrevious, previousVersion, ROOT, readPrevious } from './previous.ts';

// Its services on this schema under load: `npm run test:upgrade`, every night.
describe.skipIf(!hasPrevious())(`the previous version ${previousVersion().slice(0, 9)}`, () => {
  const migrations = listPrevious('services').filter((path) => /\/migrations\/.*\.sql$/.test(path));

  it('has migrations', () => {
    expect(migrations.length).toBeGreaterThan(20);
  });

  it.each(migrations)('has run %s, which is never edited after that', (path) => {
    expect(existsSync(join(ROOT, path)) && readFileSync(join(ROOT, path), 'utf8')).toBe(readPrevious(path));
  });

  it('has the beginning of every journal of migrations, in the same order', () => {
    for (const path of listPrevious('services').filter((one) => one.endsWith('migrations/meta/_journal.json'))) {
      const tags = (text: string) => (JSON.parse(text) as { entries: { tag: string }[] }).entries.map(({ tag }) => tag);
      const before = tags(readPrevious(path));
      expect(tags(readFileSync(join(ROOT, path), 'utf8')).slice(0, before.length)).toEqual(before);
    }
  });
});
