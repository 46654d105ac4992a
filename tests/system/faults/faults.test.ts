import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { removeFolder } from '../../support/remove-folder.ts';
import { describeFault, planFaults } from './chaos.ts';
import { runFaults } from './fault-run.ts';

describe('the plan of a fault run', () => {
  it('is the same for the same seed, hits everything at least once, and loses both stores', () => {
    const plan = planFaults(50, 7).map(describeFault);
    expect(planFaults(50, 7).map(describeFault)).toEqual(plan);
    expect(planFaults(50, 8).map(describeFault)).not.toEqual(plan);
    for (const target of [
      'gateway',
      'identity',
      'channel-connector',
      'conversation',
      'ai-responder',
      'scheduler',
      'analytics',
      'nats',
      'redis',
      'postgres',
    ]) {
      expect(plan).toContain(`kill -9 ${target}`);
    }
    expect(plan.filter((line) => line.includes('wiped'))).toHaveLength(2);
    expect(plan).toContain('Redis flushed');
  });
});

// The short form of `npm run test:faults`.
it('ten kills, a lost JetStream and an emptied Redis lose nothing, send nothing twice and show nothing twice', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'recado-faults-'));
  try {
    const { verdict, counts } = await runFaults({
      dataDir,
      rounds: 10,
      seed: 20261121,
      inbound: 30,
      outbound: 10,
      pauseMs: [800, 1_800],
      say: () => undefined,
    });
    expect({
      lost: verdict.lost,
      sentTwice: verdict.sentTwice,
      shownTwice: verdict.shownTwice,
      disagree: verdict.disagree,
    }).toEqual({ lost: [], sentTwice: [], shownTwice: [], disagree: [] });
    // The run itself must have been one.
    expect(counts['webhooks accepted']).toBeGreaterThan(200);
    expect(counts['sends accepted']).toBeGreaterThan(30);
    expect(counts['messages the provider took']).toBeGreaterThan(30);
  } finally {
    await removeFolder(dataDir);
  }
}, 300_000);
