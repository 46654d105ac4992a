import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EDITIONS } from '@recado/contracts';
import { startMesh } from '../infra/local/mesh.ts';
import { createFixture } from '../tests/acceptance/fixture.ts';
import { playEdition } from '../tests/acceptance/flow.ts';
import { HELD_FILE } from '../tests/acceptance/held.ts';
import { TABLES } from '../tests/acceptance/tables.ts';
import { readEditionDocument } from '../tests/support/documents.ts';

/**
 * Tries every documented endpoint on its own mesh and prints how many hold and which are missing.
 * `--write` records the result for CI to compare.
 */
const dataDir = await mkdtemp(join(tmpdir(), 'recado-acceptance-'));
const mesh = await startMesh({ dataDir, logLevel: 'warn' });
const held: Record<string, string[]> = {};
let total = 0;
let failed = false;
try {
  const fixture = await createFixture(mesh);
  for (const edition of EDITIONS) {
    const outcomes = await playEdition(fixture.gateway, readEditionDocument(edition), TABLES[edition], {
      ...fixture,
      kept: {},
    });
    held[edition] = outcomes.filter(({ holds }) => holds).map(({ endpoint }) => endpoint);
    total += outcomes.length;
    console.log(`\n${edition}: ${held[edition].length} of ${outcomes.length} hold`);
    for (const { endpoint, holds, faults, open } of outcomes) {
      if (holds) continue;
      failed ||= faults.length > 0;
      console.log(`  ${endpoint}: ${[...faults, ...open].join('; ')}`);
    }
  }
  await fixture.stop();
} finally {
  await mesh.stop();
  await rm(dataDir, { recursive: true, force: true });
}
const count = Object.values(held).reduce((sum, list) => sum + list.length, 0);
console.log(`\n${count} of ${total} documented endpoints hold.`);
if (process.argv.includes('--write')) await writeFile(HELD_FILE, `${JSON.stringify(held, null, 2)}\n`);
process.exit(failed ? 1 : 0);
