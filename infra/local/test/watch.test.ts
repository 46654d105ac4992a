import { eventually } from '@recado/testkit';
import { afterEach, expect, test } from 'vitest';
import { Refused, type Watched, watchStuck } from '../watch.ts';

let stop: (() => Promise<void>) | null = null;
afterEach(() => stop?.());

function watch(probe: () => Promise<void>, more: Partial<Watched> = {}) {
  const seen = { up: true, looks: 0, restarts: 0, probes: 0, events: [] as string[] };
  const counted = async () => {
    seen.probes++;
    await probe();
  };
  const one: Watched = { name: 'nats', probe: counted, everyMs: 5, silentMs: 60_000, ...more };
  stop = watchStuck([one], {
    isUp: () => {
      seen.looks++;
      return seen.up;
    },
    restart: async () => void seen.restarts++,
    onEvent: (name, message) => seen.events.push(`${name} ${message}`),
    rest: { first: 0, last: 0 },
  });
  return seen;
}

test('a server that refuses its work three times in a row is restarted, and the log says why', async () => {
  const seen = watch(async () => {
    throw new Refused('JetStream is off');
  });
  await eventually(() => expect(seen.restarts).toBeGreaterThan(0));
  expect(seen.events[0]).toBe('nats is stuck (JetStream is off): restarting it');
  expect(seen.probes).toBeGreaterThanOrEqual(3);
});

test('one refusal among good answers restarts nothing', async () => {
  let n = 0;
  const seen = watch(async () => {
    if (n++ % 3 < 2) throw new Refused('not now');
  });
  await eventually(() => expect(seen.probes).toBeGreaterThan(30));
  expect(seen.restarts).toBe(0);
});

test('a silent server is restarted only after its time limit', async () => {
  const silence = async () => {
    throw new Error('no answer in time');
  };
  const patient = watch(silence);
  await eventually(() => expect(patient.probes).toBeGreaterThan(10));
  expect(patient.restarts).toBe(0);
  await stop?.();
  const impatient = watch(silence, { silentMs: 20 });
  await eventually(() => expect(impatient.restarts).toBeGreaterThan(0));
});

test('a restart waits while it cannot help, logs that once, and happens later', async () => {
  let room = false;
  const refuse = async () => {
    throw new Refused('JetStream is off');
  };
  const seen = watch(refuse, { holdBack: () => (room ? null : 'there is no room left') });
  await eventually(() => expect(seen.probes).toBeGreaterThan(10));
  expect(seen.restarts).toBe(0);
  expect(seen.events).toEqual(['nats is stuck (JetStream is off); a restart waits: there is no room left']);
  room = true;
  await eventually(() => expect(seen.restarts).toBeGreaterThan(0));
});

test('the watch leaves a process that is down to its supervisor', async () => {
  const seen = watch(
    async () => {
      throw new Refused('nothing there');
    },
    { everyMs: 1 },
  );
  seen.up = false;
  await eventually(() => expect(seen.looks).toBeGreaterThan(20));
  expect([seen.probes, seen.restarts]).toEqual([0, 0]);
});
