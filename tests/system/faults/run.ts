import { spawnSync } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { removeFolder } from '../../support/remove-folder.ts';
import { runFaults } from './fault-run.ts';
import { SABOTAGE } from './sabotage.ts';
import { runSends } from './sends.ts';
import { cleanSends } from './sends-verdict.ts';
import { clean } from './verdict.ts';

const HELP = `Kills everything in turn under load and compares the sandbox's ledger, the database and an agent's screen.

  npm run test:faults                              50 rounds, 50 messages a second in, 20 out
  npm run test:faults -- --rounds 10 --seed 7
  npm run test:faults -- --stuck 10                only servers that are up but broken; the disk is filled so often
  npm run test:faults -- --floods                  only slow, large and unsigned webhooks; prints memory and times
  npm run test:faults -- --clocks                  only clocks that jump ahead and back
  npm run test:faults -- --sends 500               only sends: so many lost replies, and a fifth as many kills
  npm run test:faults -- --sabotage NAME           must go red; exits 0 when it does
                         ${Object.keys(SABOTAGE).join(', ')}`;

/**
 * How many times longer half of the good webhooks may take beside a flood. Without limits it was 16
 * s instead of 10 ms.
 */
const MOST_RATIO = 10;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '50' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    inbound: { type: 'string', default: '50' },
    outbound: { type: 'string', default: '20' },
    sabotage: { type: 'string' },
    stuck: { type: 'string' },
    floods: { type: 'boolean', default: false },
    clocks: { type: 'boolean', default: false },
    sends: { type: 'string' },
    keep: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
const sabotage = values.sabotage ? SABOTAGE[values.sabotage] : undefined;
if (values.help || (values.sabotage && !sabotage)) {
  console.log(HELP);
  process.exit(values.help ? 0 : 2);
}

/** Runs a test in its long form. CI: a machine on which it cannot run must fail, not skip. */
function runLongForm(file: string, settings: Record<string, string>): number {
  const args = ['node_modules/vitest/vitest.mjs', 'run', `tests/system/faults/${file}`];
  return (
    spawnSync(process.execPath, args, {
      env: { ...process.env, CI: 'true', RECADO_LONG_FAULTS: '1', ...settings },
      stdio: 'inherit',
    }).status ?? 1
  );
}
/** Full disks, silent and read-only servers, on the oldest and the newest nats-server. */
const runStuckServers = (rounds: string) =>
  runLongForm('stuck-servers.test.ts', { RECADO_DISK_ROUNDS: rounds, RECADO_FAULT_NATS: '2.9' }) ||
  runLongForm('stuck-servers.test.ts', { RECADO_DISK_ROUNDS: rounds, RECADO_FAULT_NATS: 'newest' });
const runFloods = () => runLongForm('floods.test.ts', { RECADO_FLOOD_RATIO: String(MOST_RATIO) });
const runClocks = () => runLongForm('clocks.test.ts', { RECADO_ALL_CLOCKS: '1' });

if (values.stuck) process.exit(runStuckServers(values.stuck));
if (values.floods) process.exit(runFloods());
if (values.clocks) process.exit(runClocks());

const dataDir = await mkdtemp(join(tmpdir(), 'recado-faults-'));
const log = createWriteStream(join(dataDir, 'mesh.log'));
const seed = Number(values.seed);
const what = values.sends ? `${values.sends} lost replies` : `${values.rounds} rounds`;
console.log(
  `${what}, seed ${seed}, log in ${join(dataDir, 'mesh.log')}${sabotage ? `\nSabotage: ${sabotage.what}` : ''}`,
);
const common = {
  dataDir,
  seed,
  say: (line: string) => console.log(line),
  onLine: (line: string) => log.write(`${line}\n`),
  ...(sabotage ? { sabotage } : {}),
};
const green = values.sends ? await tryToSendTwice(Number(values.sends)) : await killEverything();
const good = sabotage ? !green : green;
console.log(green ? '\nThe witnesses agree.' : '\nThe witnesses disagree.');
if (sabotage)
  console.log(good ? 'As it must with a guarantee broken.' : 'The sabotage was not noticed: this run proves nothing.');
log.end();
if (good && !values.keep) await removeFolder(dataDir);
const others = sabotage || values.sends ? [] : [runFloods(), runClocks(), runStuckServers('10')];
process.exit(good && others.every((status) => status === 0) ? 0 : 1);

async function killEverything(): Promise<boolean> {
  const { verdict, counts } = await runFaults({
    ...common,
    rounds: Number(values.rounds),
    inbound: Number(values.inbound),
    outbound: Number(values.outbound),
    pauseMs: [1_000, 4_000],
  });
  const { lost, sentTwice, shownTwice, disagree } = verdict;
  print(counts, { lost, 'sent twice': sentTwice, 'shown twice': shownTwice, contradictions: disagree });
  return clean(verdict);
}

async function tryToSendTwice(lost: number): Promise<boolean> {
  const { verdict, counts } = await runSends({ ...common, lost, kills: Math.ceil(lost / 5) });
  print(counts, { lost: verdict.lost, 'sent twice': verdict.sentTwice, contradictions: verdict.disagree });
  return cleanSends(verdict);
}

function print(counts: Record<string, number>, found: Record<string, string[]>): void {
  for (const [what, count] of Object.entries(counts)) console.log(`${what.padEnd(28)} ${count}`);
  for (const [name, lines] of Object.entries(found)) {
    console.log(`${name.padEnd(28)} ${lines.length}`);
    for (const line of lines.slice(0, 10)) console.log(`    ${line}`);
  }
}
