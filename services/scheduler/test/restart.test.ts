import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { uuidv7 } from '@recado/contracts';
import { eventually } from '@recado/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFixture, type Fixture, firedEvents, order } from './support.ts';

let fixture: Fixture;
const children: ChildProcess[] = [];
beforeAll(async () => {
  fixture = await createFixture();
});
afterAll(async () => {
  await Promise.all(children.map(kill));
  await fixture.drop();
});

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));

function spawnScheduler(): ChildProcess {
  const child = spawn(process.execPath, [MAIN], { env: { ...process.env, ...fixture.env }, stdio: 'ignore' });
  children.push(child);
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

describe('a scheduler that is killed', () => {
  it('while it fires loses no timer and fires none twice, overdue ones at the next start', async () => {
    const tenant = uuidv7();
    const TIMERS = 1500;
    const keys = Array.from({ length: TIMERS }, (_, n) => `k${n}`);
    const count = async () => (await firedEvents(fixture, tenant)).length;
    // Due over three seconds from about the time a process is up.
    await fixture.publish(keys.map((key, n) => order(tenant, key, 1500 + n * 2)));

    const first = spawnScheduler();
    await eventually(async () => expect(await count()).toBeGreaterThan(100), { timeoutMs: 60_000 });
    await kill(first);
    expect(await count()).toBeLessThan(TIMERS);

    const second = spawnScheduler();
    const third = spawnScheduler();
    const before = await count();
    await eventually(async () => expect(await count()).toBeGreaterThan(before), { timeoutMs: 60_000 });
    await kill(second);
    await eventually(async () => expect(await count()).toBe(TIMERS), { timeoutMs: 60_000 });
    const events = await firedEvents(fixture, tenant);
    expect(new Set(events.map((event) => event.key)).size).toBe(TIMERS);
    await eventually(async () => {
      for (const event of await firedEvents(fixture, tenant)) expect(event.published).toBe(true);
    });
    await kill(third);
    // Orders a killed process had taken and not acknowledged come back after 30 s (ack_wait).
  }, 150_000);
});
