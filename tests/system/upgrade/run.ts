import { createWriteStream } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { removeFolder } from '../../support/remove-folder.ts';
import { clean } from '../faults/verdict.ts';
import { buildPrevious, hasPrevious, previousVersion } from './previous.ts';
import { runUpgrade } from './upgrade-run.ts';

const HELP = `Runs the previous version's services on this version's schema, beside this version's, under load.

  npm run test:upgrade                          four phases of 20 s
  npm run test:upgrade -- --seconds 60 --inbound 30 --outbound 10`;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '20' },
    inbound: { type: 'string', default: '20' },
    outbound: { type: 'string', default: '8' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
if (values.help) {
  console.log(HELP);
  process.exit(0);
}
if (!hasPrevious()) {
  console.log(`SKIPPED: this clone does not hold ${previousVersion()}. "git fetch --unshallow" brings it.`);
  process.exit(0);
}

console.log(`Building the previous version, ${previousVersion().slice(0, 9)}`);
const previous = buildPrevious();
const dataDir = await mkdtemp(join(tmpdir(), 'recado-upgrade-'));
const log = createWriteStream(join(dataDir, 'mesh.log'));
const { verdict, deadLetters, crashes, counts } = await runUpgrade({
  dataDir,
  previous: previous.dir,
  phaseMs: Number(values.seconds) * 1000,
  inbound: Number(values.inbound),
  outbound: Number(values.outbound),
  say: (line) => console.log(line),
  onLine: (line) => log.write(`${line}\n`),
});

for (const [what, count] of Object.entries(counts)) console.log(`${what.padEnd(46)} ${count}`);
const { lost, sentTwice, shownTwice, disagree } = verdict;
const lists = {
  lost,
  'sent twice': sentTwice,
  'shown twice': shownTwice,
  contradictions: disagree,
  'dead letters': deadLetters,
};
for (const [what, found] of Object.entries(lists)) {
  console.log(`${what.padEnd(46)} ${found.length}`);
  for (const line of found.slice(0, 10)) console.log(`    ${line}`);
}
console.log(`${'crashes of the previous version'.padEnd(46)} ${crashes}`);
// A run without load proves nothing.
const idle = Object.entries(counts).filter(([, count]) => count < 20);
for (const [what, count] of idle) console.log(`Too little happened: ${what} ${count}`);
const good = clean(verdict) && deadLetters.length === 0 && crashes === 0 && idle.length === 0;
console.log(
  good ? '\nBoth versions can run side by side.' : `\nThey cannot run side by side. Log: ${join(dataDir, 'mesh.log')}`,
);
log.end();
previous.remove();
if (good) await removeFolder(dataDir);
process.exit(good ? 0 : 1);
