import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { removeFolder } from '../../support/remove-folder.ts';
import { planClocks } from './chaos.ts';
import { type Clocked, createClocks, findFaketime } from './clocks.ts';
import { runFaults } from './fault-run.ts';

const { file, why } = await findFaketime();
// The short form; `npm run test:faults -- --clocks` turns all of them.
const TURNED: Clocked[] = ['conversation', 'postgres'];

describe.skipIf(file === null)(`clocks that jump ahead and back${why && ` (${why})`}`, () => {
  it('lose nothing, send nothing twice and stop nothing', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'recado-clocks-'));
    try {
      const { verdict, counts } = await runFaults({
        dataDir,
        rounds: 0,
        faults: planClocks(process.env.RECADO_ALL_CLOCKS ? undefined : TURNED),
        clocks: createClocks(dataDir, file!),
        seed: 1,
        inbound: 15,
        outbound: 5,
        pauseMs: [2000, 3000],
        say: (line) => process.env.RECADO_ALL_CLOCKS && console.log(line),
      });
      expect({
        lost: verdict.lost,
        sentTwice: verdict.sentTwice,
        shownTwice: verdict.shownTwice,
        disagree: verdict.disagree,
      }).toEqual({ lost: [], sentTwice: [], shownTwice: [], disagree: [] });
      expect(counts['webhooks accepted']).toBeGreaterThan(200);
      expect(counts['messages the provider took']).toBeGreaterThan(50);
    } finally {
      await removeFolder(dataDir);
    }
  }, 900_000);
});
