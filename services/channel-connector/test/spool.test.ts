import { mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { uuidv7, type WebhookFrame } from '@recado/contracts';
import { createLogger } from '@recado/service-kit';
import { eventually } from '@recado/testkit';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createWebhookSpool, type WebhookSpool } from '../src/webhooks/spool.ts';

const log = createLogger({ name: 'test', level: 'silent' });
const [A, B] = [uuidv7(), uuidv7()];
let folder: string;
let spool: WebhookSpool;
/** The status of each text; 200 where there is none. */
let statuses: Map<string, number>;
let accepted: string[];
let tried: string[];
let parked: number;
let warnings: unknown[];

const textOf = ({ body }: WebhookFrame) => Buffer.from(body).toString();
const frame = (channelId: string, text: string | Buffer): WebhookFrame => ({
  ...{ provider: 'evolution', channelId, headers: {} },
  body: Buffer.from(text),
});

function start(): WebhookSpool {
  return createWebhookSpool({
    ...{ folder, lookMs: 5 },
    log: Object.assign(Object.create(log), { warn: (...said: unknown[]) => warnings.push(said) }),
    accept: async ([only]) => {
      const text = textOf(only!);
      tried.push(text);
      const status = statuses.get(text) ?? statuses.get('*') ?? 200;
      if (status === 200) accepted.push(text);
      return [status];
    },
    onParked: () => parked++,
  });
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'recado-spool-'));
  statuses = new Map();
  [accepted, tried, parked, warnings] = [[], [], 0, []];
  spool = start();
});
afterEach(async () => {
  await spool.stop();
  await rm(folder, { recursive: true });
});

it('a spool begins with what is on disk, without a warning', async () => {
  await spool.stop();
  await spool.keep(frame(A, 'left behind'), true);
  spool = start();
  await eventually(async () => expect(accepted).toEqual(['left behind']));
  expect(warnings).toEqual([]);
});

it.each([429, 500])('a webhook that is answered %i delays its own channel alone', async (status) => {
  statuses.set('a1', status);
  for (const [channel, text] of [
    [A, 'a1'],
    [A, 'a2'],
    [B, 'b1'],
    [B, 'b2'],
  ] as const)
    expect(await spool.keep(frame(channel, text), true)).toBe(true);
  await eventually(async () => expect(accepted).toEqual(['b1', 'b2']));
  statuses.clear();
  await eventually(async () => expect(accepted).toEqual(['b1', 'b2', 'a1', 'a2']));
  await eventually(async () => expect(await readdir(folder)).toEqual([]));
});

it('a webhook that fails eight times by itself is parked, and those behind it are accepted', async () => {
  statuses.set('poison', 500);
  await spool.keep(frame(A, 'poison'), true);
  await spool.keep(frame(A, 'after'), true);
  await eventually(async () => expect(accepted).toEqual(['after']));
  expect(tried.filter((text) => text === 'poison')).toHaveLength(8);
  expect(parked).toBe(1);
  await eventually(async () => expect(await readdir(folder)).toEqual([expect.stringMatching(/\.parked$/)]));
});

it('while nothing can be stored all is kept in order, and a round tries a few only', async () => {
  statuses.set('*', 503);
  const channels = Array.from({ length: 10 }, () => uuidv7());
  for (const channel of channels) for (const i of [1, 2]) await spool.keep(frame(channel, `${channel} ${i}`), true);
  await eventually(async () => expect(new Set(tried).size).toBe(10));
  expect(parked).toBe(0);
  statuses.clear();
  await eventually(async () => expect(accepted).toHaveLength(20));
  for (const channel of channels) {
    expect(accepted.filter((text) => text.startsWith(channel))).toEqual([`${channel} 1`, `${channel} 2`]);
  }
});

it('a channel has a part of the room, and webhooks without proof have a small one', async () => {
  statuses.set('*', 503);
  const large = Buffer.alloc(3 * 1024 * 1024, 'x');
  const keep = (channel: string, proved: boolean) => spool.keep(frame(channel, large), proved);
  const ofOne: boolean[] = [];
  for (let i = 0; i < 7; i++) ofOne.push(await keep(A, true));
  expect(ofOne.filter(Boolean)).toHaveLength(5);
  expect(await keep(B, true)).toBe(true);
  expect(await keep(B, false)).toBe(false);
  const small = Buffer.alloc(900 * 1024, 'x');
  const unproved: boolean[] = [];
  for (let i = 0; i < 30; i++) unproved.push(await spool.keep(frame(uuidv7(), small), false));
  expect(unproved.filter(Boolean)).toHaveLength(18);
  expect(await keep(B, true)).toBe(true);
});

it('a damaged file is parked, what was half written goes, and the room of a process before counts', async () => {
  await spool.stop();
  const hourAgo = new Date(Date.now() - 3_600_000);
  await writeFile(join(folder, uuidv7()), 'half');
  const [half] = await readdir(folder);
  await utimes(join(folder, half!), hourAgo, hourAgo);
  await writeFile(join(folder, `${uuidv7()}.frame`), 'no frame at all');
  spool = start();
  await spool.keep(frame(A, 'whole'), true);
  await eventually(async () => expect(accepted).toEqual(['whole']));
  await eventually(async () => expect(await readdir(folder)).toEqual([expect.stringMatching(/\.parked$/)]));
});

it('only the process itself reads the files', async () => {
  statuses.set('*', 503);
  await spool.keep(frame(A, 'private'), true);
  const [name] = await readdir(folder);
  expect((await stat(join(folder, name!))).mode & 0o777).toBe(0o600);
});

it('what is beyond a limit has a room of its own, and leaves the room for outages', async () => {
  statuses.set('*', 429);
  const large = Buffer.alloc(3 * 1024 * 1024);
  const kept = [];
  for (let i = 0; i < 3; i++) kept.push(await spool.keep(frame(A, large), true, true));
  expect(kept).toEqual([true, true, false]);
  expect(await spool.keep(frame(A, large), true)).toBe(true);
  expect(await spool.keep(frame(B, large), true, true)).toBe(true);
  statuses.clear();
  await eventually(async () => expect(await readdir(folder)).toEqual([]));
  expect(accepted).toHaveLength(4);
});
