import { messageReceived, messageStatus } from '@recado/contracts';
import { META_MESSAGES } from '@recado/testkit/meta-messages';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseForeignJson } from '../../webhooks/clean.ts';
import { eventsOf } from '../../webhooks/events.ts';
import { readMetaPayload } from './payload.ts';

const NOW = new Date('2026-06-01T12:00:00.000Z');
const CHANNEL = {
  provider: { name: 'meta' },
  id: '0190b6d5-7c1e-7000-8000-000000000001',
  tenantId: '0190b6d5-7c1e-7000-8000-000000000002',
};

const wrap = (value: object, field = 'messages') => ({
  entry: [{ changes: [{ field, value: { metadata: { phone_number_id: '42' }, ...value } }] }],
});
const readOne = (message: unknown, contacts: unknown[] = []) =>
  readMetaPayload(wrap({ messages: [message], contacts }), NOW).news[0]!.messages[0]!;
const base = { id: 'wamid.1', from: '5511911112222', timestamp: '1750000000' };

describe('kinds of messages', () => {
  test.each<[string, object, object]>([
    ['text', { type: 'text', text: { body: 'Oi' } }, { type: 'text', content: 'Oi', metadata: null }],
    [
      'image with caption',
      { type: 'image', image: { id: 'm1', mime_type: 'image/jpeg', sha256: 'x', caption: 'Look' } },
      { type: 'image', content: 'Look', metadata: { mediaId: 'm1', mimeType: 'image/jpeg', sha256: 'x' } },
    ],
    [
      'video without caption',
      { type: 'video', video: { id: 'm1' } },
      { type: 'video', content: '', metadata: { mediaId: 'm1' } },
    ],
    [
      'voice',
      { type: 'audio', audio: { id: 'm1', voice: true } },
      { type: 'audio', content: '', metadata: { mediaId: 'm1', voice: true } },
    ],
    [
      'document',
      { type: 'document', document: { id: 'm1', filename: 'a.pdf' } },
      { type: 'document', content: 'a.pdf', metadata: { mediaId: 'm1', fileName: 'a.pdf' } },
    ],
    [
      'sticker',
      { type: 'sticker', sticker: { id: 'm1', animated: true } },
      { type: 'sticker', metadata: { mediaId: 'm1', animated: true } },
    ],
    [
      'location',
      { type: 'location', location: { latitude: -23.5, longitude: -46.6, name: 'Shop' } },
      { type: 'location', content: 'Shop', metadata: { latitude: -23.5, longitude: -46.6, name: 'Shop' } },
    ],
    [
      'bare location',
      { type: 'location', location: { latitude: 1, longitude: 2 } },
      { content: '', metadata: { latitude: 1, longitude: 2 } },
    ],
    [
      'contacts',
      { type: 'contacts', contacts: [{ name: { formatted_name: 'Bia' } }, {}] },
      { type: 'contacts', content: 'Bia' },
    ],
    [
      'reaction',
      { type: 'reaction', reaction: { message_id: 'wamid.0', emoji: '👍' } },
      {
        type: 'reaction',
        content: '👍',
        replyToProviderMessageId: 'wamid.0',
        metadata: { emoji: '👍', messageId: 'wamid.0' },
      },
    ],
    [
      'reaction taken back',
      { type: 'reaction', reaction: { message_id: 'wamid.0' } },
      { content: '', metadata: { emoji: null, messageId: 'wamid.0' } },
    ],
    [
      'button',
      { type: 'button', button: { text: 'Yes', payload: 'y' }, context: { id: 'wamid.0' } },
      { type: 'button', content: 'Yes', metadata: { payload: 'y' }, replyToProviderMessageId: 'wamid.0' },
    ],
    [
      'list reply',
      { type: 'interactive', interactive: { type: 'list_reply', list_reply: { id: 'r', title: 'Row' } } },
      { type: 'interactive', content: 'Row', metadata: { kind: 'list_reply', id: 'r', title: 'Row' } },
    ],
    [
      'button reply',
      { type: 'interactive', interactive: { type: 'button_reply', button_reply: { id: 'b', title: 'Go' } } },
      { type: 'interactive', content: 'Go' },
    ],
    [
      'form',
      { type: 'interactive', interactive: { type: 'nfm_reply', nfm_reply: { response_json: '{}' } } },
      { type: 'interactive', content: '', metadata: { kind: 'nfm_reply', responseJson: '{}' } },
    ],
    [
      'call permission',
      {
        type: 'interactive',
        interactive: { type: 'call_permission_reply', call_permission_reply: { response: 'accept' } },
      },
      { type: 'interactive', content: '', metadata: { response: 'accept' } },
    ],
    [
      'order',
      { type: 'order', order: { catalog_id: 'c', product_items: [{}] } },
      { type: 'order', content: '', metadata: { catalogId: 'c', items: [{}] } },
    ],
    [
      'system',
      { type: 'system', system: { type: 'user_changed_number', body: 'Moved', new_wa_id: '55' } },
      {
        type: 'system',
        content: 'Moved',
        metadata: {
          kind: 'user_changed_number',
          waId: '55',
          system: { type: 'user_changed_number', body: 'Moved', new_wa_id: '55' },
        },
      },
    ],
    [
      'ad',
      { type: 'text', text: { body: 'Hi' }, referral: { ctwa_clid: 'ad' } },
      { type: 'text', metadata: { referral: { ctwa_clid: 'ad' } } },
    ],
    [
      'forwarded',
      { type: 'text', text: { body: 'Hi' }, context: { forwarded: true } },
      { metadata: { forwarded: true }, replyToProviderMessageId: null },
    ],
  ])('%s', (_name, message, expected) => {
    expect(readOne({ ...base, ...message })).toMatchObject(expected);
  });

  test.each([
    { type: 'hologram', hologram: { x: 1 } },
    { type: 'edit', edit: {} },
    { type: 'edit', edit: { original_message_id: 'wamid.0', message: { type: 'revoke' } } },
    { type: 'revoke', revoke: {} },
    { type: 'unsupported', errors: [{ code: 131051, title: 'Unsupported' }] },
    { type: 'text', text: { body: { words: 5 } } },
    { type: 'location', location: { latitude: 'x', longitude: 1 } },
    { type: 'interactive', interactive: { type: 'new_reply', new_reply: {} } },
    { type: 'constructor' },
    {},
  ])('%j is unsupported, its whole payload kept', (message) => {
    const item = { ...base, ...message };
    const kind = 'type' in message ? message.type : '';
    const expected = { type: 'unsupported', content: '', metadata: item, details: { unsupported: { kind } } };
    expect(readOne(item)).toMatchObject(expected);
  });
});

/** Values that stand in an object at any depth. */
function leavesOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [String(value)];
  return Object.values(value).flatMap(leavesOf);
}

describe('the details', () => {
  test.each(META_MESSAGES)('of $name are all kept', ({ item, type, content, details }) => {
    const read = readOne({ ...base, ...item });
    expect(read).toMatchObject({ type, content });
    expect(read.details ?? null).toEqual(details);
  });

  test.each(META_MESSAGES)('and the words of $name hold every value but its own kind', ({ item }) => {
    const { content, details, metadata } = readOne({ ...base, ...item });
    const told = JSON.stringify([content, details, metadata]).replaceAll('\\', '');
    const times = new Set(['1697044706', '1753186982']);
    for (const leaf of leavesOf(item)) {
      const isKind = leaf === item.type || /^(true|false|undefined)$/.test(leaf) || times.has(leaf);
      if (!isKind) expect(told).toContain(leaf.replaceAll('\\', ''));
    }
  });

  test('say why Meta could not tell more of a message alone in its change', () => {
    const errors = [{ code: 131000, title: 'Something went wrong' }];
    const value = { messages: [{ ...base, type: 'interactive' }], errors };
    const [message] = readMetaPayload(wrap(value), NOW).news[0]!.messages;
    expect(message!.details?.errors).toEqual([{ code: '131000', title: 'Something went wrong' }]);
  });

  test.each<[object, string]>([
    [{ type: 'poll', poll: { question: 'When?', options: [{ name: 'Now' }] } }, 'When?'],
    [{ type: 'poll', poll: { options: 2 }, text: { body: 'A poll' } }, 'A poll'],
    [{ type: 'pix', pix: { amount: 7, note: 'For lunch' } }, 'For lunch'],
    [{ type: 'unsupported', unsupported: { type: 'gif' } }, ''],
  ])('of %j leave its words to be shown', (item, content) => {
    expect(readOne({ ...base, ...item })).toMatchObject({ type: 'unsupported', content });
  });

  test('of a giant keep what is known and the beginning of the rest', () => {
    const wide = Array.from({ length: 2000 }, () => 'w'.repeat(500));
    const read = readOne({ ...base, type: 'image', image: { id: 'm1', wide } });
    expect(read.details).toMatchObject({ media: { id: 'm1' }, raw: { clipped: true } });
    expect(JSON.stringify(read).length).toBeLessThan(300_000);
  });

  test('keep what is unknown of the sender', () => {
    const contacts = [{ wa_id: base.from, profile: { name: 'Ana', mood: 'calm' } }];
    const read = readOne({ ...base, type: 'text', text: { body: 'Hi' } }, contacts);
    expect(read.details).toEqual({ raw: { contact: { profile: { mood: 'calm' } } } });
  });
});

describe('senders', () => {
  const text = { id: 'wamid.1', type: 'text', text: { body: 'Hi' } };
  test('by phone, with the name of their contact', () => {
    const contacts = [
      { wa_id: '1', profile: { name: 'Other' } },
      { wa_id: '5511911112222', profile: { name: 'Ana' } },
    ];
    expect(readOne({ ...text, from: '5511911112222' }, contacts).from).toEqual({
      waId: '5511911112222',
      phone: '+5511911112222',
      userId: null,
      name: 'Ana',
    });
  });
  test('without a visible phone, by their business-scoped id and user name', () => {
    const contacts = [{ user_id: 'BR.123', profile: { username: 'ana' } }];
    expect(readOne({ ...text, from_user_id: 'BR.123' }, contacts).from).toEqual({
      waId: null,
      phone: null,
      userId: 'BR.123',
      name: 'ana',
      username: 'ana',
    });
  });
  test('with the ids that stand beside theirs', () => {
    const ids = { user_id: 'US.1', parent_user_id: 'US.ENT.1', identity_key_hash: 'hash' };
    const contacts = [{ wa_id: '5511911112222', ...ids, profile: { name: 'Ana', username: '@ana' } }];
    const read = readOne({ ...text, from: '5511911112222', from_user_id: 'US.1' }, contacts);
    expect(read.from).toMatchObject({
      userId: 'US.1',
      parentUserId: 'US.ENT.1',
      identityHash: 'hash',
      username: '@ana',
    });
    expect(read.details).toBeNull();
  });
  test('a business-scoped id in the place of the phone is an id', () => {
    const from = { waId: null, phone: null, userId: 'US.13491208655302741918', name: null };
    expect(readOne({ ...text, from: from.userId }).from).toEqual(from);
    expect(readOne(text, [{ wa_id: from.userId }]).from).toEqual(from);
  });
  test('two messages without any sender share no sender', () => {
    const [one, two] = ['wamid.1', 'wamid.2'].map((id) => readOne({ ...text, id }).from);
    expect(one).toEqual({ waId: null, phone: null, userId: 'unidentified:wamid.1', name: null });
    expect(two!.userId).not.toBe(one!.userId);
  });
});

describe('times', () => {
  test.each<[unknown, string]>([
    ['1750000000', '2025-06-15T15:06:40.000Z'],
    [1750000000, '2025-06-15T15:06:40.000Z'],
    ['0', NOW.toISOString()],
    ['9999999999999', NOW.toISOString()],
    ['soon', NOW.toISOString()],
    [null, NOW.toISOString()],
    [undefined, NOW.toISOString()],
  ])('%j', (timestamp, expected) => {
    expect(readOne({ id: 'x', type: 'text', text: { body: '' }, timestamp }).sentTime).toBe(expected);
  });
});

describe('statuses', () => {
  const readStatus = (status: object) => readMetaPayload(wrap({ statuses: [status] }), NOW);
  const mine = '0190b6d5-7c1e-7000-8000-00000000000a';
  test('our id comes back; played means read', () => {
    const status = {
      id: 'wamid.o',
      status: 'played',
      timestamp: '1750000000',
      biz_opaque_callback_data: mine.toUpperCase(),
    };
    expect(readStatus(status).news[0]!.statuses).toEqual([
      {
        messageId: mine,
        providerMessageId: 'wamid.o',
        status: 'read',
        at: '2025-06-15T15:06:40.000Z',
        error: null,
        details: { played: true },
      },
    ]);
  });
  test('of a group say whose receipt they are', () => {
    const status = {
      ...{ id: 'wamid.o', status: 'read', timestamp: '1750000000', recipient_id: 'Y2FwaV9n' },
      recipient_participant_id: '5511911112222',
      recipient_participant_user_id: 'BR.12',
    };
    const participant = { waId: '5511911112222', userId: 'BR.12' };
    expect(readStatus(status).news[0]!.statuses[0]).toMatchObject({ status: 'read', details: { participant } });
  });
  test('price, conversation and reasons are kept, and what is unknown', () => {
    const status = {
      id: 'wamid.o',
      status: 'failed',
      timestamp: '1750000000',
      recipient_id: '5511911112222',
      recipient_type: 'group',
      conversation: { id: 'c1', expiration_timestamp: '1750086400', origin: { type: 'utility' } },
      pricing: { billable: true, pricing_model: 'PMP', type: 'regular', category: 'utility', tier: 2 },
      errors: [{ code: 131026, title: 'Undeliverable', href: 'https://example.com' }, { code: 131049 }],
    };
    expect(readStatus(status).news[0]!.statuses[0]!.details).toEqual({
      pricing: { billable: true, model: 'PMP', type: 'regular', category: 'utility' },
      conversation: { id: 'c1', origin: 'utility', expiresAt: '2025-06-16T15:06:40.000Z' },
      errors: [{ code: '131026', title: 'Undeliverable', href: 'https://example.com' }, { code: '131049' }],
      raw: { recipient_type: 'group', pricing: { tier: 2 } },
    });
  });
  test("another app's callback data is none of ours", () => {
    const [status] = readStatus({ id: 'wamid.o', status: 'sent', biz_opaque_callback_data: 'order 7' }).news[0]!
      .statuses;
    expect(status!.messageId).toBeNull();
  });
  test('a failure has its code and a readable reason', () => {
    const errors = [{ code: 131047, title: 'Re-engagement message', error_data: { details: 'Too late.' } }];
    const [status] = readStatus({ id: 'wamid.o', status: 'failed', errors }).news[0]!.statuses;
    expect(status!.error).toEqual({ code: '131047', message: expect.stringMatching(/24 hours.*\(Too late\.\)/) });
  });
  test('a failure without errors still has words', () => {
    const [status] = readStatus({ id: 'wamid.o', status: 'failed' }).news[0]!.statuses;
    expect(status!.error).toEqual({ code: 'unknown', message: 'WhatsApp gave no reason' });
  });
  test.each([{ status: 'sent' }, { id: 'x', status: 'deleted' }, { id: 'x' }, { id: 'x', status: 'toString' }])(
    '%j is left out',
    (status) => {
      const read = readStatus(status);
      expect(read.news[0]!.statuses).toEqual([]);
      expect(read.ignored).toEqual(['status']);
    },
  );
});

describe('any input', () => {
  const events = (payload: unknown) =>
    readMetaPayload(payload, NOW).news.flatMap((change) => eventsOf(CHANNEL, change, NOW));

  test('any JSON gives results that fit the contract and can be stored, without an error', () => {
    // Shapes near the real ones reach deeper than mere noise.
    const key = fc.constantFrom(
      'entry',
      'changes',
      'value',
      'messages',
      'statuses',
      'contacts',
      'id',
      'from',
      'type',
      'text',
      'errors',
      'interactive',
      'context',
      '__proto__',
    );
    const leaf = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('text', 'image', 'contacts', 'interactive', 'failed', 'messages', '\0'),
      fc.integer(),
      fc.constant(null),
      fc.boolean(),
    );
    const { any } = fc.letrec<{ any: unknown }>((tie) => ({
      any: fc.oneof(
        { depthSize: 'small' },
        leaf,
        fc.array(tie('any'), { maxLength: 4 }),
        fc.dictionary(key, tie('any'), { maxKeys: 6 }),
      ),
    }));
    const change = fc.record({
      messages: fc.oneof(fc.array(any), any),
      statuses: fc.oneof(fc.array(any), any),
      contacts: any,
    });
    fc.assert(
      fc.property(
        fc.oneof(
          fc.jsonValue(),
          any,
          change.map((value) => wrap(value)),
        ),
        (value) => {
          const text = JSON.stringify(value);
          for (const { envelope, dedupeKey } of events(parseForeignJson(text))) {
            const schema = envelope.type.includes('message.received') ? messageReceived.data : messageStatus.data;
            expect(schema.safeParse(envelope.data).error).toBeUndefined();
            expect(JSON.stringify(envelope)).not.toMatch(/\\u0000|\\ud[89a-f]/i);
            expect(dedupeKey!.length).toBeLessThan(700);
            // biome-ignore lint/suspicious/noControlCharactersInRegex: they must not be there
            expect(dedupeKey).not.toMatch(/[\x00-\x1f]/);
          }
        },
      ),
    );
  });

  test('every message in gives one event out, with its id', () => {
    const message = fc.record(
      {
        id: fc.uuid(),
        from: fc.string(),
        type: fc.constantFrom('text', 'image', 'odd', 'order'),
        text: fc.anything({ maxDepth: 1 }),
        image: fc.object({ maxDepth: 1 }),
      },
      { requiredKeys: ['id'] },
    );
    fc.assert(
      fc.property(fc.array(fc.array(message, { maxLength: 5 }), { maxLength: 5 }), (changes) => {
        const entry = changes.map((messages) => wrap({ messages }).entry[0]);
        const json: unknown = parseForeignJson(
          JSON.stringify({ entry }, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value)),
        );
        expect(
          events(json).map(({ envelope }) => (envelope.data as { providerMessageId: string }).providerMessageId),
        ).toEqual(changes.flat().map(({ id }) => id));
      }),
    );
  });

  test('a message without an id gets one of its content, the same each time', () => {
    const ids = [1, 2, 2].map((n) => readOne({ type: 'text', text: { body: String(n) } }).providerMessageId);
    expect(ids[1]).toBe(ids[2]);
    expect(ids[0]).not.toBe(ids[1]);
    expect(readOne(null).type).toBe('unsupported');
  });

  test('very long ids, texts and depths are cut to what every store accepts', () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const json = `{"entry":[{"changes":[{"field":"messages","value":{"metadata":{"phone_number_id":"42"},"messages":[
      {"id":"${'x'.repeat(5000)}","type":"text","text":{"body":"${'é'.repeat(900_000)}"}},
      {"id":"deep","type":"odd","odd":${deep}},
      {"id":"wide","type":"odd","odd":[${Array(2000)
        .fill(`"${'w'.repeat(500)}"`)
        .join()}]}]}}]}]}`;
    const [long, nested, wide] = events(parseForeignJson(json)).map(({ envelope }) => envelope);
    expect((long!.data as { providerMessageId: string }).providerMessageId.length).toBeLessThanOrEqual(200);
    for (const envelope of [long, nested, wide])
      expect(Buffer.byteLength(JSON.stringify(envelope))).toBeLessThan(1_000_000);
    expect((wide!.data as { metadata: { clipped?: boolean } }).metadata.clipped).toBe(true);
  });
});
