// Checks that every migration only adds, so that the version before runs on the new schema.
// docs/operations.md, "Upgrade", says why; scripts/migrations/rules.ts says what counts as adding.
import { existsSync, globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { loadModule } from 'libpg-query';
import { KNOWN } from './migrations/known.ts';
import { findViolations } from './migrations/rules.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const FILE = /^services\/([^/]+)\/migrations\/(.+)\.sql$/;

await loadModule();
const files = globSync('services/*/migrations/*.sql', { cwd: ROOT }).sort();
const wrong: string[] = [];
const excused = new Set<string>();
for (const file of files) {
  const [, service, tag] = FILE.exec(file) ?? [];
  const name = `${service}/${tag}`;
  const found = findViolations(readFileSync(`${ROOT}${file}`, 'utf8'));
  if (found.length > 0 && name in KNOWN) excused.add(name);
  else for (const { line, what } of found) wrong.push(`${file}:${line} ${what}`);
  if (!isJournaled(service ?? '', tag ?? '')) wrong.push(`${file} is not in the journal of drizzle-kit: it never runs`);
}
for (const name of Object.keys(KNOWN)) {
  if (!excused.has(name)) wrong.push(`scripts/migrations/known.ts excuses ${name}, which needs no excuse`);
}
if (files.length === 0) wrong.push('no migrations were found: is the check itself broken?');

for (const line of wrong) console.error(line);
console.log(`${files.length} migrations, ${excused.size} known exceptions, ${wrong.length} violations`);
process.exit(wrong.length > 0 ? 1 : 0);

function isJournaled(service: string, tag: string): boolean {
  const path = `${ROOT}services/${service}/migrations/meta/_journal.json`;
  if (!existsSync(path)) return false;
  const journal = JSON.parse(readFileSync(path, 'utf8')) as { entries: { tag: string }[] };
  return journal.entries.some((entry) => entry.tag === tag);
}
