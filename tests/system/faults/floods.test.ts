import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { removeFolder } from '../../support/remove-folder.ts';
import { type Flood, type FloodRun, type Good, startFloodRun } from './floods.ts';

const MEGABYTE = 1024 * 1024;
/**
 * How many times slower good webhooks may be. Only `npm run test:faults` sets it: a busy machine is
 * slow by itself.
 */
const MOST_RATIO = Number(process.env.RECADO_FLOOD_RATIO ?? 0);

describe('a flood of webhooks that are slow, large or unsigned', () => {
  let run: FloodRun;
  let dataDir: string;
  let alone: Good;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'recado-floods-'));
    run = await startFloodRun(dataDir);
    await run.alone(); // caches, and code that is compiled
    alone = await run.alone();
  });
  afterAll(async () => {
    await run?.end();
    if (dataDir) await removeFolder(dataDir);
  });

  /** All good webhooks are accepted, and not much later than without the flood. */
  function expectGood(what: string, { good, grew, answers, uploadBytes }: Flood): void {
    const ratio = good.medianMs / alone.medianMs;
    if (MOST_RATIO)
      console.log(
        `${what}: memory +${(grew / MEGABYTE).toFixed(0)} MB, uploads ${(uploadBytes / MEGABYTE).toFixed(0)} MB, ` +
          `answers ${JSON.stringify(answers)}; good p50 ${good.medianMs.toFixed(1)} ms (alone ${alone.medianMs.toFixed(1)}), ` +
          `p95 ${good.p95Ms.toFixed(1)} ms (alone ${alone.p95Ms.toFixed(1)}), ratio of p50 ${ratio.toFixed(1)}`,
      );
    expect(Object.keys(good.statuses)).toEqual(['200']);
    if (MOST_RATIO) expect(ratio).toBeLessThan(MOST_RATIO);
  }

  it('400 slow uploads of 1 MB from one address hold 16 MB, and good webhooks go on', async () => {
    const flood = await run.slowUploads(400, 1);
    expectGood('400 slow uploads, one address', flood);
    expect(flood.uploadBytes).toBeGreaterThan(10 * MEGABYTE);
    expect(flood.uploadBytes).toBeLessThanOrEqual(16 * MEGABYTE);
    expect(flood.grew).toBeLessThan(150 * MEGABYTE);
  });

  it('400 slow uploads of 1 MB from 40 addresses hold 64 MB, and good webhooks go on', async () => {
    const flood = await run.slowUploads(400, 40);
    expectGood('400 slow uploads, 40 addresses', flood);
    expect(flood.uploadBytes).toBeGreaterThan(32 * MEGABYTE);
    expect(flood.uploadBytes).toBeLessThanOrEqual(64 * MEGABYTE);
    expect(flood.grew).toBeLessThan(250 * MEGABYTE);
  });

  it('unsigned bodies with 12,500 numbers, eight at once, are refused and delay no good webhook', async () => {
    const flood = await run.unsigned(8);
    expectGood('unsigned bodies with 12,500 numbers', flood);
    const { held: _, ...answers } = flood.answers;
    const statuses = Object.keys(answers).map(Number);
    expect(statuses.length).toBeGreaterThan(0);
    expect(statuses.filter((status) => status < 400 || status >= 500)).toEqual([]);
    expect(flood.grew).toBeLessThan(250 * MEGABYTE);
  });
});
