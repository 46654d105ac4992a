import {
  channelReported,
  contactReported,
  groupReported,
  messageReceived,
  messageStatus,
  messageSynced,
  uuidv7,
} from '@recado/contracts';
import { EVOLUTION_MESSAGES, META_MESSAGES, WPPCONNECT_MESSAGES } from '@recado/testkit';
import { Agent } from 'undici';
import { describe, expect, it } from 'vitest';
import { createProviders } from '../src/providers/index.ts';
import type { Provider, WebhookContent } from '../src/providers/provider.ts';
import { eventsOf, reportEvent } from '../src/webhooks/events.ts';

type Json = Record<string, unknown>;
type Read = (webhook: { headers: Json; body: Buffer }, now: Date, addressed: string) => WebhookContent | null;

const providers = createProviders(
  {
    RECADO_META_GRAPH_URL: 'http://127.0.0.1:9',
    RECADO_SEND_TIMEOUT_MS: 1000,
    RECADO_ALLOW_PRIVATE_URLS: true,
  } as Parameters<typeof createProviders>[0],
  { guarded: new Agent(), open: new Agent() },
);
const readerOf = (name: string) => providers.get(name)!.readWebhook as Read;
const [readMeta, readEvolution, readWppconnect] = ['meta', 'evolution', 'wppconnect'].map(readerOf) as [
  Read,
  Read,
  Read,
];
const now = new Date('2026-11-30T12:00:00.000Z');
const SCHEMAS = [messageReceived, messageSynced, messageStatus, contactReported, groupReported, channelReported];
const LONG = 'a'.repeat(70_000);
/** What a sender may put in the place of any value. */
const HOSTILE: readonly unknown[] = [
  { toString: 1, valueOf: 1 },
  [{ toString: null }],
  JSON.parse('{"__proto__": {"id": 1}, "constructor": 1}'),
  null,
  true,
  -1,
  1e308,
  '\0\ud800',
  LONG,
  'constructor',
  Array.from({ length: 32 }, () => ({ valueOf: 1 })),
  Object.fromEntries(Array.from({ length: 32 }, (_, i) => [i, { valueOf: 1 }])),
];

const JID = '5511977770001@s.whatsapp.net';
const metadata = { display_phone_number: '15550783881', phone_number_id: '1065' };
const change = (field: string, value: Json) => ({
  entry: [{ id: '1', time: 1_790_000_000, changes: [{ field, value: { metadata, ...value } }] }],
});
const TEXT = { id: 'wamid.1', from: '16505551234', timestamp: '1790000000', type: 'text', text: { body: 'Hola' } };
const upsert = (data: Json) => ({ event: 'messages.upsert', instance: 'shop', data });
const KEY = { id: 'A1', remoteJid: JID, remoteJidAlt: '77@lid', fromMe: false };
const PERSON = {
  wa_id: '16505551234',
  user_id: 'US.1',
  parent_user_id: 'P',
  profile: { name: 'Ana', username: 'ana' },
};

const META = [
  ...META_MESSAGES.map(({ item }) => change('messages', { contacts: [PERSON], messages: [{ ...TEXT, ...item }] })),
  change('messages', { statuses: [{ id: 'wamid.1', status: 'failed', errors: [{ code: 1, error_data: {} }] }] }),
  change('smb_message_echoes', { message_echoes: [{ ...TEXT, to: '16505551234' }] }),
  change('history', { history: [{ threads: [{ id: '1650', messages: [TEXT] }, { messages: [TEXT] }] }] }),
  change('smb_app_state_sync', { state_sync: [{ action: 'add', contact: { full_name: 'A', phone_number: '1650' } }] }),
  change('user_preferences', { user_preferences: [{ wa_id: '1650', category: 'marketing_messages', value: 'stop' }] }),
  change('user_id_update', { user_id_update: [{ user_id: { current: 'US.2', previous: 'US.1' }, wa_id: '1650' }] }),
  change('account_update', { event: 'X', ban_info: { waba_ban_state: 'DISABLE' }, restriction_info: [{ a: 1 }] }),
  change('calls', { calls: [{ id: 'c', from: '1650', event: 'terminate', direction: 'USER_INITIATED' }] }),
];
const EVOLUTION = [
  ...EVOLUTION_MESSAGES.map(({ item, key }) => upsert({ key: { ...KEY, ...key }, pushName: 'Ana', ...item })),
  { event: 'messages.update', data: { keyId: 'A', remoteJid: JID, pollUpdates: [{ name: 'x', voters: ['77@lid'] }] } },
  { event: 'messages.edited', data: { key: KEY, type: 14, editedMessage: { conversation: 'x' }, timestampMs: '1' } },
  { event: 'groups.upsert', data: [{ id: '1@g.us', subject: 'x', participants: [{ id: '77@lid', name: 'q' }] }] },
  { event: 'call', data: { id: 'c', from: JID, status: 'timeout', date: '2026-01-01' } },
];
const WPPCONNECT = [
  ...WPPCONNECT_MESSAGES.map(({ item, key }) => {
    const base = { event: 'onmessage', id: 'false_55119_A', from: '5511977770001@c.us', sender: { id: '77777@lid' } };
    return { ...base, t: 1_790_000_000, notifyName: 'Ana', ...key, ...item };
  }),
  { event: 'onack', id: { _serialized: 'true_x@c.us_A', fromMe: true }, ack: 3 },
  { event: 'onparticipantschanged', groupId: { _serialized: '1@g.us' }, who: ['77777@lid'], action: 'add' },
  { event: 'onpollresponse', msgId: { id: 'A' }, chatId: JID, sender: JID, selectedOptions: [{ name: 'x' }] },
];

/** Each place of a value, however deep; of a list or of bytes the first one. */
function* placesIn(value: unknown, at: string[] = []): Generator<string[]> {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, one] of Object.entries(value)) {
    if (/^[1-9]/.test(key)) continue;
    yield [...at, key];
    yield* placesIn(one, [...at, key]);
  }
}

function replaced(value: unknown, [key, ...rest]: string[], by: unknown): unknown {
  if (key === undefined) return by;
  const copy = (Array.isArray(value) ? [...value] : { ...(value as Json) }) as Json;
  copy[key] = replaced(copy[key], rest, by);
  return copy;
}

const channel = { id: uuidv7(), tenantId: uuidv7(), provider: { name: 'meta', fetchMedia: () => {} } };

/** The events of a body; those that the next service would refuse, or no index would take, fail. */
function eventsIn(read: Read, body: unknown) {
  const content = read({ headers: {}, body: Buffer.from(JSON.stringify(body)) }, now, 'shop@e.example.com');
  const owner = channel as unknown as { id: string; tenantId: string; provider: Provider };
  const events = (content?.news ?? []).flatMap((one) => eventsOf(owner, one, now));
  return [...events, ...(content?.reports ?? []).map(({ report }) => reportEvent(owner, report, now, undefined))];
}

function faultOf({ envelope }: ReturnType<typeof eventsIn>[number]): string | null {
  const text = JSON.stringify(envelope);
  const data = JSON.parse(text).data as { from?: Json; details?: { system?: Json } };
  const parsed = SCHEMAS.find(({ type }) => type === envelope.type)!.data.safeParse(data);
  if (!parsed.success) return JSON.stringify(parsed.error.issues);
  if (text.includes('\\u0000') || /\\ud[89a-f]/.test(text)) return 'a text that Postgres refuses';
  const { kind: _, ...ids } = data.details?.system ?? {};
  const addresses = Object.entries({ ...data.from, ...ids, name: '' });
  return addresses.find(([, id]) => typeof id === 'string' && id.length > 300)?.[0] ?? null;
}

describe.each<[string, Read, readonly unknown[]]>([
  ['meta', readMeta, META],
  ['evolution', readEvolution, EVOLUTION],
  ['wppconnect', readWppconnect, WPPCONNECT],
])('a webhook of %s', (_name, read, bodies) => {
  it('gives events that can be stored, whatever stands in the place of a value', () => {
    for (const body of bodies) {
      for (const place of placesIn(body)) {
        for (const hostile of HOSTILE) {
          const events = eventsIn(read, replaced(body, place, hostile));
          const fault = events.map(faultOf).find((one) => one !== null);
          if (fault) expect({ place, hostile, fault }).toBeNull();
        }
      }
    }
  }, 120_000);
});

describe('a webhook of 3 MB', () => {
  const many = <T>(one: T, bytes: number): T[] => Array(Math.floor(bytes / (JSON.stringify(one).length + 1))).fill(one);
  // Read in under a second; what grows with the square of its length takes minutes.
  const LIMIT_MS = 10_000;

  it.each<[string, Read, unknown]>([
    [
      'with one voter many times',
      readEvolution,
      {
        event: 'messages.update',
        data: { keyId: 'A', remoteJid: JID, pollUpdates: [{ name: 'x', voters: many('77777@lid', 2.9e6) }] },
      },
    ],
    [
      'with many people and many messages',
      readMeta,
      change('messages', { contacts: many({}, 1.4e6), messages: many(TEXT, 1.4e6) }),
    ],
    [
      'with many reports',
      readMeta,
      { entry: many({ changes: [{ field: 'account_review_update', value: { decision: 'A' } }] }, 2.9e6) },
    ],
    [
      'with a group without an end',
      readEvolution,
      { event: 'groups.upsert', data: { id: '1@g.us', subject: 'x', participants: many('77777@lid', 2.9e6) } },
    ],
    [
      'with people who join without an end',
      readWppconnect,
      { event: 'onparticipantschanged', groupId: '1@g.us', action: 'add', who: many('77777@lid', 2.9e6) },
    ],
  ])(
    '%s is read at once, into events that fit',
    (_name, read, body) => {
      for (const { envelope } of eventsIn(read, body)) expect(JSON.stringify(envelope).length).toBeLessThan(1_000_000);
    },
    LIMIT_MS,
  );
});

it('events of other names share one counter', () => {
  const names = ['x1', 'x2', 'x3'];
  const ignored = names.flatMap((event) => [
    ...readEvolution({ headers: {}, body: Buffer.from(JSON.stringify({ event })) }, now, 'shop')!.ignored,
    ...readWppconnect({ headers: {}, body: Buffer.from(JSON.stringify({ event })) }, now, 'shop')!.ignored,
  ]);
  expect(new Set(ignored)).toEqual(new Set(['event']));
});
