import { messageReceived, uuidv7 } from '@recado/contracts';
import { WPPCONNECT_MESSAGES } from '@recado/testkit/wppconnect-messages';
import { describe, expect, it } from 'vitest';
import { readWebhook } from './webhooks.ts';

const now = new Date('2026-11-29T12:00:00.000Z');
const read = (event: object) =>
  readWebhook(
    { headers: {}, body: Buffer.from(JSON.stringify({ session: 'shop', ...event })) },
    now,
    'shop@wpp.example',
  );
const ack = (more: object) => read({ event: 'onack', id: 'true_5511977770001@c.us_3EB0_out', ack: 1, ...more });

describe('an ack of WPPConnect', () => {
  it.each([
    [-1, 'failed', null],
    [1, 'sent', null],
    [2, 'delivered', null],
    [3, 'read', null],
    [4, 'read', { played: true }],
  ])('%i is %s', (number, status, details) => {
    expect(ack({ ack: number })!.news[0]!.statuses).toMatchObject([{ providerMessageId: '3EB0', status, details }]);
  });

  it('has the same id whether the chat shows as a phone or as a hidden address', () => {
    const ids = [
      'true_5511977770001@c.us_3EB0_out',
      'true_123456789012345@lid_3EB0',
      { fromMe: true, remote: '123456789012345@lid', id: '3EB0', _serialized: 'true_123456789012345@lid_3EB0_out' },
    ].map((id) => ack({ id })!.news[0]!.statuses[0]!.providerMessageId);
    expect(ids).toEqual(['3EB0', '3EB0', '3EB0']);
  });

  it.each([{ ack: 0 }, { ack: 99 }, { ack: 'x' }, { id: 'false_5511977770001@c.us_AC1' }, { id: null }])(
    '%j is no tick',
    (more) => {
      expect(ack(more)).toMatchObject({ news: [{ statuses: [] }], ignored: ['status'] });
    },
  );
});

describe('a message of WPPConnect', () => {
  const message = { event: 'onmessage', id: 'false_5511977770001@c.us_AC1', type: 'chat', body: 'Oi' };

  it.each([
    ['a group without a speaker', { from: '120363041234567890@g.us' }, 'no_sender'],
    ['a status', { from: 'status@broadcast' }, 'broadcast'],
  ])('of %s is left out by name', (_name, more, ignored) => {
    expect(read({ ...message, ...more })).toMatchObject({ news: [{ messages: [] }], ignored: [ignored] });
  });

  it('never keeps the bytes of a file', () => {
    const file = { from: '5511977770001@c.us', body: 'A'.repeat(100), content: 'A'.repeat(100), mimetype: 'image/png' };
    for (const type of ['image', 'a new kind']) {
      const content = read({ ...message, ...file, type });
      expect(content!.news[0]!.messages).toHaveLength(1);
      expect(JSON.stringify(content)).not.toContain('AAAA');
    }
  });
});

it('a contact card of WPPConnect has the phones of its vCard', () => {
  const vcard = 'BEGIN:VCARD\nVERSION:3.0\nFN:Ana\nitem1.TEL;type=CELL;waid=5511977770009:+55 11 97777-0009\nEND:VCARD';
  const card = { event: 'onmessage', id: 'false_5511977770001@c.us_AC2', from: '5511977770001@c.us', type: 'vcard' };
  const [message] = read({ ...card, vcardFormattedName: 'Ana', body: vcard })!.news[0]!.messages;
  expect(message).toMatchObject({
    type: 'contacts',
    content: 'Ana',
    details: { contacts: [{ name: 'Ana', phones: [{ phone: '+55 11 97777-0009', waId: '5511977770009' }], vcard }] },
  });
});

it('a contact card of WPPConnect that is one line of a megabyte is read as a card without phones', () => {
  const card = { event: 'onmessage', id: 'false_5511977770001@c.us_AC3', from: '5511977770001@c.us', type: 'vcard' };
  const [message] = read({ ...card, vcardFormattedName: 'Ana', body: 'TEL'.repeat(350_000) })!.news[0]!.messages;
  expect(message).toMatchObject({ details: { contacts: [{ name: 'Ana', phones: [] }] } });
});

const FROM = '5511977770001@c.us';
const base = { event: 'onmessage', id: `false_${FROM}_AC1`, from: FROM, to: '5511940000000@c.us', t: 1_760_000_000 };

describe('an event of WPPConnect', () => {
  it.each(WPPCONNECT_MESSAGES)('$name keeps all that it tells', ({ item, key, type, content, details }) => {
    const { messages, ...rest } = read({ ...base, notifyName: 'Ana', ...item, ...key })!.news[0]!;
    const from = { waId: '5511977770001', name: 'Ana' };
    expect(messages).toMatchObject([{ providerMessageId: 'AC1', type, content, from, details }]);
    expect(rest).toMatchObject({ statuses: [], synced: [] });
    const event = { ...messages[0], channelId: uuidv7(), provider: 'wppconnect', receivedAt: now.toISOString() };
    expect(messageReceived.data.safeParse(event).error).toBeUndefined();
    expect(JSON.stringify(messages)).not.toContain('QUFBQ');
  });

  it('a file is asked for by the whole id of its message', () => {
    const [message] = read({ ...base, type: 'image', mimetype: 'image/png' })!.news[0]!.messages;
    expect(message!.details!.media!.id).toBe(`false_${FROM}_AC1`);
  });

  it.each(['ciphertext', 'protocol', 'revoked', 'call_log', 'album'])('a %s is no message', (type) => {
    expect(read({ ...base, type })).toMatchObject({ news: [{ messages: [], synced: [] }], ignored: [type] });
  });

  it('a vote in a poll is a message of its voter', () => {
    const msgId = { fromMe: true, remote: { _serialized: FROM }, id: '3EB0', _serialized: `true_${FROM}_3EB0` };
    const selectedOptions = [null, { name: 'Friday', localId: 1 }];
    const sender = { _serialized: FROM };
    const vote = {
      event: 'onpollresponse',
      msgId,
      chatId: sender,
      selectedOptions,
      sender,
      timestamp: 1_790_000_000_123,
    };
    expect(read(vote)!.news[0]!.messages).toMatchObject([
      {
        type: 'interactive',
        content: 'Friday',
        from: { waId: '5511977770001' },
        details: { poll: { selected: ['Friday'] } },
        replyToProviderMessageId: '3EB0',
        sentTime: '2026-09-21T14:13:20.123Z',
      },
    ]);
  });

  it('of a group names the group and who spoke', () => {
    const group = { from: '120363041234567890@g.us', author: '123456789012345@lid', isGroupMsg: true };
    expect(read({ ...base, ...group, type: 'chat', body: 'Oi', notifyName: 'Luis' })!.news[0]!.messages).toMatchObject([
      { from: { userId: group.author, name: 'Luis' }, details: { group: { id: group.from } } },
    ]);
  });

  it.each([
    ['a customer', { to: FROM, chatId: FROM }, { peer: { waId: '5511977770001', name: null }, details: null }],
    [
      'a group',
      { to: '1203@g.us', chatId: '1203@g.us', isGroupMsg: true },
      { peer: null, details: { group: { id: '1203@g.us' } } },
    ],
  ])('a message typed on the phone to %s is an outbound one', (_name, more, expected) => {
    const own = { event: 'onselfmessage', from: '5511940000000@c.us', fromMe: true, type: 'chat', body: 'Oi' };
    expect(read({ ...base, ...own, ...more })!.news[0]).toMatchObject({
      messages: [],
      synced: [{ direction: 'outbound', origin: 'phone', content: 'Oi', ...expected }],
    });
  });

  it('a reaction and a deletion name their message, of either side', () => {
    const refId = { fromMe: false, remote: FROM, id: 'AC1', _serialized: `false_${FROM}_AC1` };
    const deleted = read({ event: 'onrevokedmessage', from: FROM, refId })!.news[0]!;
    expect(deleted.messages).toMatchObject([{ details: { change: { kind: 'deleted', providerMessageId: 'AC1' } } }]);
    const forged = read({ event: 'onrevokedmessage', from: FROM, refId: { ...refId, fromMe: true } })!.news[0]!;
    expect(forged).toMatchObject({ synced: [], messages: [{ details: { change: { kind: 'deleted' } } }] });
    const id0 = { fromMe: true, remote: FROM, id: 'AC8' };
    const ours = read({ event: 'onrevokedmessage', from: '5511940000000@c.us', id: id0, refId })!.news[0]!;
    expect(ours).toMatchObject({ messages: [], synced: [{ details: { change: { kind: 'deleted' } } }] });
    const id = { fromMe: false, remote: FROM, id: 'AC9' };
    const reaction = read({ event: 'onreactionmessage', id, msgId: refId, reactionText: '👍' })!.news[0]!;
    expect(reaction.messages).toMatchObject([{ details: { reaction: { providerMessageId: 'AC1', emoji: '👍' } } }]);
  });

  it('a phone that rings is a missed call here', () => {
    const call = { event: 'incomingcall', id: 'C1', peerJid: FROM, offerTime: 1_760_000_000, isVideo: true };
    expect(read(call)!.news[0]!.messages).toMatchObject([
      { type: 'system', details: { call: { missed: true, video: true } } },
    ]);
  });
});
