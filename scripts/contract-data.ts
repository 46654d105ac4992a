import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { EDITIONS, type Edition } from '@recado/contracts';
import type { DocumentedEndpoint } from '../tests/support/documents.ts';
import { readDocument } from './contract-document.ts';

/**
 * Writes docs/contracts/<edition>.json from the five API documents and their catalogue. Run it when
 * a document changes: `node scripts/contract-data.ts <folder of the documents>`.
 */
interface CatalogEntry {
  edition: Edition;
  method: string;
  path: string;
  url: string;
  line: number;
}

const root = new URL('../', import.meta.url);
const folder = new URL(`${process.argv[2] ?? '../shared/contracts'}/`, root);
const catalog = JSON.parse(await readFile(new URL('catalog.json', folder), 'utf8')) as CatalogEntry[];

await mkdir(new URL('docs/contracts/', root), { recursive: true });
for (const edition of EDITIONS) {
  const document = `${edition}.md`;
  const places = catalog.filter((entry) => entry.edition === edition);
  const { endpoints, shapes, unread } = readDocument(await readFile(new URL(document, folder), 'utf8'), places);
  if (unread.length > 0) throw new Error(`${document}: examples that could not be read at lines ${unread.join(', ')}`);
  const file = new URL(`docs/contracts/${edition}.json`, root);
  await writeFile(file, `${JSON.stringify({ edition, document, endpoints, shapes }, null, 2)}\n`);
  console.log(`${edition}: ${endpoints.length} endpoints, ${count(endpoints)} answers shown`);
}

function count(endpoints: DocumentedEndpoint[]): number {
  return endpoints.reduce((sum, { answers }) => sum + answers.filter(({ body }) => body !== undefined).length, 0);
}
