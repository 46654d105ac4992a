import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { ALL_EVENTS } from '@recado/contracts';
import { buildAsyncApi } from '@recado/messaging';
import { editionDocuments } from '../services/gateway/src/docs.ts';

/**
 * Writes docs/openapi/<edition>.json and docs/asyncapi.json from the code; with `--check` compares instead and
 * exits 1 naming what is out of date. CI runs the check.
 */
const root = new URL('../', import.meta.url);
const check = process.argv.includes('--check');

const documents = new Map<string, unknown>([
  ...Object.entries(editionDocuments()).map(
    ([edition, document]) => [`docs/openapi/${edition}.json`, document] as const,
  ),
  ['docs/asyncapi.json', buildAsyncApi(ALL_EVENTS)] as const,
]);

const stale: string[] = [];
for (const [path, document] of documents) {
  const file = new URL(path, root);
  const wanted = `${JSON.stringify(document, null, 2)}\n`;
  const found = await readFile(file, 'utf8').catch(() => '');
  if (found === wanted) continue;
  stale.push(path);
  if (check) continue;
  await mkdir(new URL('./', file), { recursive: true });
  await writeFile(file, wanted);
}

if (check && stale.length > 0) {
  console.error(`Out of date: ${stale.join(', ')}. Run \`npm run docs\` and commit what it writes.`);
  process.exit(1);
}
console.log(
  check
    ? `${documents.size} generated documents are current.`
    : `${stale.length} of ${documents.size} documents written.`,
);
