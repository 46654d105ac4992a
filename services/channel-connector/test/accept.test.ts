import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { FRAME_DEFERRED, type WebhookFrame } from '@recado/contracts';
import type { Database } from '@recado/database';
import { createLogger, createRegistry, createSealer } from '@recado/service-kit';
import { Agent } from 'undici';
import { beforeEach, describe, expect, test } from 'vitest';
import { sealCredentials } from '../src/channels/credentials.ts';
import { createDirectory } from '../src/channels/directory.ts';
import { createConnectorMetrics } from '../src/metrics.ts';
import { createProviders } from '../src/providers/index.ts';
import { type AcceptDeps, acceptFrames } from '../src/webhooks/accept.ts';

/** A database of channels that counts its queries, and holds them while `away`. */
interface FakeDatabase {
  rows: Record<string, unknown>[];
  queries: string[][];
  away: boolean;
}

const SECRET = 'the secret of the app';
const sealer = createSealer(`k1:${randomBytes(32).toString('base64')}`);
const log = createLogger({ name: 'test', level: 'silent' });
const providers = createProviders(
  {
    RECADO_META_GRAPH_URL: 'http://127.0.0.1:1',
    RECADO_META_APP_ID: undefined,
    RECADO_META_APP_SECRET: undefined,
    RECADO_META_VERIFY_TOKEN: undefined,
    RECADO_SEND_TIMEOUT_MS: 1000,
    RECADO_ALLOW_PRIVATE_URLS: false,
    RECADO_EVOLUTION_URL: undefined,
    RECADO_EVOLUTION_KEY: undefined,
    RECADO_WPPCONNECT_URL: undefined,
    RECADO_WPPCONNECT_SECRET: undefined,
  },
  { guarded: new Agent(), open: new Agent() },
);

let database: FakeDatabase;
let deps: AcceptDeps;
beforeEach(() => {
  database = { rows: [], queries: [], away: false };
  const sql = (strings: TemplateStringsArray, ...values: unknown[]) => {
    if (!strings.join('').includes('from channels')) return null;
    const [ids, , providerIds] = values.filter(Array.isArray);
    database.queries.push([...ids!, ...providerIds!]);
    return database.away ? new Promise(() => {}) : Promise.resolve(database.rows);
  };
  const workerDb = { sql: Object.assign(sql, { unsafe: () => null }) } as unknown as Database;
  deps = {
    directory: createDirectory({ workerDb, sealer, providers, log }),
    providers,
    log,
    metrics: createConnectorMetrics(createRegistry('test')),
    now: () => new Date(),
    inbound: { take: async (webhooks) => webhooks.map(() => 0), waitOf: () => 0, noteRefused: () => {} },
    checkSoon: { ask: () => {}, tell: () => {} },
    tellLimited: () => {},
    learnAccount: () => {},
    channelsOfAccounts: async () => [],
    group: { add: async (webhooks) => webhooks.map(() => null) },
  };
});

const statusesOf = async (...given: Parameters<typeof acceptFrames>) => (await acceptFrames(...given)).statuses;

function addChannel(phoneNumberId: string, appSecret = SECRET): string {
  const id = randomUUID();
  const credentials = sealCredentials(sealer, id, { accessToken: 'x', verifyToken: 'v', appSecret });
  const state = { status: 'connected', proven: true, blockedUntil: null, updatedAt: new Date(), settings: {} };
  const rest = { provider: 'meta', plan: 'basic', ...state };
  database.rows.push({ tenantId: randomUUID(), id, providerId: phoneNumberId, credentials, ...rest });
  return id;
}

const signed = (signature: string | null): Record<string, string> =>
  signature === null ? {} : { 'x-hub-signature-256': signature };

function about(
  numbers: readonly string[],
  secret: string | null = SECRET,
  channelId: string | null = null,
): WebhookFrame {
  const change = (id: string) => ({
    field: 'messages',
    value: {
      metadata: { phone_number_id: id },
      messages: [{ id: `wamid.${id}`, from: '5511911112222', type: 'text', text: { body: 'Hi' } }],
    },
  });
  const body = Buffer.from(JSON.stringify({ entry: [{ changes: numbers.map(change) }] }));
  const signature = secret && `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
  return { provider: 'meta', channelId, headers: signed(signature), body };
}

const numbers = (n: number) => Array.from({ length: n }, (_, i) => String(100_000 + i));

describe('a body that no secret of ours signed', () => {
  test('costs one query for any number of phone numbers', async () => {
    expect(await statusesOf(deps, [about(numbers(400), 'a stranger’s secret')])).toEqual([404]);
    expect(database.queries.map((asked) => asked.length)).toEqual([400]);
  });

  test('costs none when it names more numbers than Meta batches', async () => {
    expect(await statusesOf(deps, [about(numbers(12_500), 'a stranger’s secret')])).toEqual([400]);
    expect(database.queries).toEqual([]);
  });

  test('costs none without a header that has the form of a signature', async () => {
    const bare = [null, '', 'sha256=', `sha1=${'a'.repeat(64)}`, 'a'.repeat(71)];
    const frames = bare.flatMap((signature) => [
      { ...about(['100001']), headers: signed(signature) },
      { ...about(['100001']), headers: signed(signature), channelId: randomUUID() },
    ]);
    expect(await statusesOf(deps, frames)).toEqual(Array(10).fill(401));
    expect(database.queries).toEqual([]);
  });

  test('shares its query with the other bodies of the request', async () => {
    const frames = Array.from({ length: 50 }, (_, i) => about([String(200_000 + i)], 'a stranger’s secret'));
    expect(await statusesOf(deps, frames)).toEqual(Array(50).fill(404));
    expect(database.queries).toHaveLength(1);
  });
});

describe('an unknown channel', () => {
  test('delays no other webhook of the request', async () => {
    addChannel('100001');
    expect(await statusesOf(deps, [about(['100001'])])).toEqual([200]);
    database.away = true;
    const unknown = [about(['999999']), about(['999998'], SECRET, randomUUID()), about(['100001', '999997'])];
    const statuses = await statusesOf(deps, [...unknown, about(['100001'])], { deferUnknown: true });
    expect(statuses).toEqual([FRAME_DEFERRED, FRAME_DEFERRED, FRAME_DEFERRED, 200]);
    expect(database.queries).toHaveLength(1);
  });

  test('is accepted when its frame comes again without the wish to defer', async () => {
    addChannel('100001');
    const frame = about(['100001']);
    expect(await statusesOf(deps, [frame], { deferUnknown: true })).toEqual([FRAME_DEFERRED]);
    expect(await statusesOf(deps, [frame])).toEqual([200]);
    expect(await statusesOf(deps, [frame], { deferUnknown: true })).toEqual([200]);
  });

  test('is looked up at once after a change when it was known before', async () => {
    const id = addChannel('100001');
    await statusesOf(deps, [about(['100001'])]);
    deps.directory.forget(id, { provider: 'meta', providerId: '100001' });
    expect(await statusesOf(deps, [about(['100001'])], { deferUnknown: true })).toEqual([200]);
  });
});

test('of many numbers with different secrets only those whose secret signed are stored', async () => {
  for (const number of numbers(5)) addChannel(number, number === '100003' ? SECRET : `the secret of ${number}`);
  const stored: string[] = [];
  deps.group.add = async (webhooks) => {
    stored.push(
      ...webhooks.flat().map((event) => (event.envelope.data as { providerMessageId: string }).providerMessageId),
    );
    return webhooks.map(() => null);
  };
  expect(await statusesOf(deps, [about(numbers(5))])).toEqual([200]);
  expect(stored).toEqual(['wamid.100003']);
});

test('a webhook beyond its number’s limit gets the seconds until it may pass', async () => {
  const [, limited] = [addChannel('100001'), addChannel('100002')];
  deps.inbound.take = async (webhooks) => webhooks.map(([cost]) => (cost!.channelId === limited ? 12_001 : 0));
  const frames = [about(['100001']), about(['100002']), about(['100003'])];
  expect(await acceptFrames(deps, frames)).toEqual({ statuses: [200, 429, 404], retryAfter: new Map([[1, 13]]) });
});

/** A body of one number with so many statuses. */
function statusesAbout(count: number, channelId: string): WebhookFrame {
  const statuses = Array.from({ length: count }, (_, i) => ({ id: `wamid.${i}`, status: 'sent' }));
  const value = { metadata: { phone_number_id: '100001' }, statuses };
  const body = Buffer.from(JSON.stringify({ entry: [{ changes: [{ field: 'messages', value }] }] }));
  const signature = `sha256=${createHmac('sha256', SECRET).update(body).digest('hex')}`;
  return { provider: 'meta', channelId, headers: signed(signature), body };
}

test('a webhook of thousands is stored slice by slice, and comes again whole when one could not be', async () => {
  const id = addChannel('100001');
  const slices: number[] = [];
  let turns = 0;
  const ticking = setInterval(() => turns++, 0);
  deps.group.add = async (webhooks) => {
    slices.push(...webhooks.map((events) => events.length));
    return webhooks.map(() => null);
  };
  expect(await statusesOf(deps, [statusesAbout(1200, id), about(['100001'])])).toEqual([200, 200]);
  expect(slices).toEqual([500, 500, 200, 1]);
  clearInterval(ticking);
  expect(turns).toBeGreaterThan(0);
  deps.group.add = async (webhooks) => webhooks.map((events) => (events.length === 200 ? new Error('lost') : null));
  expect(await statusesOf(deps, [statusesAbout(1200, id)])).toEqual([500]);
});

test('a webhook with more items than any of its provider’s is refused', async () => {
  const id = addChannel('100001');
  expect(await statusesOf(deps, [statusesAbout(9_999, id), statusesAbout(10_001, id)])).toEqual([200, 400]);
});

test('a large webhook beyond its number’s limit is not read again before its time, a smaller one is', async () => {
  const id = addChannel('100001');
  const refused = new Map<string, number>();
  let asked = 0;
  deps.inbound = {
    take: async (webhooks) => {
      asked++;
      return webhooks.map(([cost]) => (cost!.items > 100 ? 5000 : 0));
    },
    waitOf: (channelId, bytes) => (bytes >= (refused.get(channelId) ?? Number.POSITIVE_INFINITY) ? 4000 : 0),
    noteRefused: (channelId, bytes) => void refused.set(channelId, bytes),
  };
  const large = statusesAbout(2000, id);
  expect((await acceptFrames(deps, [large])).retryAfter).toEqual(new Map([[0, 5]]));
  expect((await acceptFrames(deps, [large])).retryAfter).toEqual(new Map([[0, 4]]));
  expect(asked).toBe(1);
  expect(await statusesOf(deps, [statusesAbout(1, id)])).toEqual([200]);
});
