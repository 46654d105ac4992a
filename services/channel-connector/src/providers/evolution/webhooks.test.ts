import { messageReceived, uuidv7 } from '@recado/contracts';
import { EVOLUTION_MESSAGES } from '@recado/testkit/evolution-messages';
import { describe, expect, it } from 'vitest';
import { readWebhook } from './webhooks.ts';

const now = new Date('2026-11-29T12:00:00.000Z');
const read = (event: unknown, addressed: string | null = 'shop@evolution.example.com') =>
  readWebhook({ headers: {}, body: Buffer.from(JSON.stringify(event)) }, now, addressed);
const update = (data: object) => read({ event: 'messages.update', instance: 'shop', data });

describe('a tick of Evolution', () => {
  it.each([
    ['SERVER_ACK', 'sent', null],
    ['DELIVERY_ACK', 'delivered', null],
    ['READ', 'read', null],
    ['PLAYED', 'read', { played: true }],
    ['ERROR', 'failed', null],
  ])('%s is %s', (status, expected, details) => {
    const statuses = update({ keyId: '3EB0', fromMe: true, status })!.news[0]!.statuses;
    expect(statuses).toMatchObject([
      {
        providerMessageId: '3EB0',
        status: expected,
        details,
        at: now.toISOString(),
        error: status === 'ERROR' ? {} : null,
      },
    ]);
  });

  it.each([
    ['a status without a word', { keyId: '3EB0', fromMe: true, status: 'DELETED' }],
    ['an edit under a status', { keyId: '3EB0', fromMe: true, status: 'SERVER_ACK', message: {} }],
    ["a customer's message", { keyId: 'AC1', fromMe: false, status: 'READ' }],
    ['no id', { fromMe: true, status: 'READ' }],
    ['a name of Object', { keyId: '3EB0', fromMe: true, status: 'constructor' }],
  ])('%s is none', (_name, data) => {
    expect(update(data)).toMatchObject({ news: [{ statuses: [] }], ignored: ['status'] });
  });
});

describe('an event of Evolution', () => {
  it('belongs to the number of the path only with its instance', () => {
    const event = { event: 'messages.upsert', instance: 'shop', data: {} };
    expect(read(event)!.news[0]!.providerId).toBe('shop@evolution.example.com');
    expect(read(event, 'shopper@evolution.example.com')!.news[0]!.providerId).toBe('shop');
    expect(read(event, null)!.news[0]!.providerId).toBe('shop');
    // Some versions name none.
    expect(read({ ...event, instance: undefined })!.news[0]!.providerId).toBe('shop@evolution.example.com');
  });

  it.each(['connection.update', 'CONNECTION_UPDATE', 'logout.instance'])('%s changes the connection', (event) => {
    expect(read({ event, instance: 'shop', data: null })!.news).toMatchObject([{ connectionChanged: true }]);
  });

  it.each([
    ['a group without a speaker', { remoteJid: '120363041234567890@g.us' }, 'no_sender'],
    ['a status', { remoteJid: 'status@broadcast' }, 'broadcast'],
    ['a channel', { remoteJid: '120363041234567890@newsletter' }, 'broadcast'],
    ['an unknown address', { remoteJid: 'x@y' }, 'no_sender'],
    ['no address', {}, 'no_sender'],
  ])('a message of %s is left out by name', (_name, key, ignored) => {
    const data = { key: { id: 'AC1', ...key }, message: { conversation: 'Oi' } };
    expect(read({ event: 'messages.upsert', instance: 'shop', data })).toMatchObject({
      news: [{ messages: [] }],
      ignored: [ignored],
    });
  });

  it.each([null, [], 'text', {}, { event: 1 }])('%j is none', (event) => {
    expect(read(event)).toBeNull();
  });
});

const PEER = { remoteJid: '5511977770001@s.whatsapp.net', id: 'AC1' };
const GROUP = { remoteJid: '120363041234567890@g.us', participant: '123456789012345@lid', id: 'AC1' };

describe('a message of Evolution', () => {
  it.each(EVOLUTION_MESSAGES)(
    '$name keeps all that it tells',
    ({ item, key, type, content, details, about, ownId }) => {
      const data = { key: { ...PEER, ...key }, pushName: 'Ana', messageTimestamp: 1_760_000_000, ...item };
      const { messages, ...rest } = read({ event: 'messages.upsert', instance: 'shop', data })!.news[0]!;
      const from = { waId: '5511977770001', name: 'Ana' };
      expect(messages).toMatchObject([{ type, content, from, details: details ?? null }]);
      const [told] = messages;
      if (ownId !== false) expect(told!.providerMessageId).toBe('AC1');
      if (about) expect(told!.replyToProviderMessageId).toBe(about);
      expect(rest).toMatchObject({ statuses: [], synced: [] });
      const event = { ...told, channelId: uuidv7(), provider: 'evolution', receivedAt: now.toISOString() };
      expect(messageReceived.data.safeParse(event).error).toBeUndefined();
      expect(JSON.stringify(told)).not.toMatch(/jpegThumbnail|mediaKey|AAAA/);
    },
  );

  it.each([
    ['albumMessage', { albumMessage: { expectedImageCount: 2 } }, 'albumMessage'],
    ['a key of a group', { senderKeyDistributionMessage: { groupId: 'x' } }, 'companion'],
    ['keys of a phone', { protocolMessage: { type: 'APP_STATE_SYNC_KEY_SHARE' } }, 'protocol'],
    ['an encrypted vote', { pollUpdateMessage: { vote: { encPayload: {} } } }, 'vote'],
  ])('%s is none', (_name, message, ignored) => {
    const data = { key: PEER, message };
    expect(read({ event: 'messages.upsert', instance: 'shop', data })).toMatchObject({
      news: [{ messages: [], synced: [] }],
      ignored: [ignored],
    });
  });

  it('the votes of a poll are one message of each voter', () => {
    const results = [
      { name: 'Monday', voters: ['5511977770001@s.whatsapp.net', 'me'] },
      { name: 'Friday', voters: ['5511977770001@s.whatsapp.net'] },
    ];
    const data = { keyId: '3EB0', remoteJid: PEER.remoteJid, fromMe: true, status: 'DELETED', pollUpdates: results };
    const { messages, statuses } = update(data)!.news[0]!;
    expect(messages).toMatchObject([
      {
        type: 'interactive',
        content: 'Monday, Friday',
        from: { waId: '5511977770001' },
        details: { poll: { selected: ['Monday', 'Friday'] } },
        replyToProviderMessageId: '3EB0',
      },
    ]);
    expect(statuses).toEqual([]);
    expect(update(data)!.news[0]!.messages).toEqual(messages);
  });

  it.each<[string, object, object]>([
    [
      'phone',
      { remoteJid: '5511977770001@s.whatsapp.net' },
      { waId: '5511977770001', phone: '+5511977770001', userId: null },
    ],
    [
      'hidden address',
      { remoteJid: '123456789012345@lid' },
      { waId: null, phone: null, userId: '123456789012345@lid' },
    ],
    [
      'hidden address with the phone beside',
      { remoteJid: '123456789012345@lid', remoteJidAlt: '5511977770001@s.whatsapp.net' },
      { waId: '5511977770001', userId: '123456789012345@lid' },
    ],
  ])('from a %s', (_name, key, from) => {
    const data = { key: { id: 'AC1', ...key }, message: { conversation: 'Oi' } };
    expect(read({ event: 'messages.upsert', instance: 'shop', data })!.news[0]!.messages).toMatchObject([{ from }]);
  });

  it('of a group names the group and who spoke', () => {
    const data = { key: GROUP, pushName: 'Luis', message: { conversation: 'Oi' } };
    const { messages } = read({ event: 'messages.upsert', instance: 'shop', data })!.news[0]!;
    expect(messages).toMatchObject([
      { from: { userId: GROUP.participant, name: 'Luis' }, details: { group: { id: GROUP.remoteJid } } },
    ]);
  });

  // 2.3.7 names a customer's message as the customer's phone does.
  const OWN = { remoteJid: '5511940000000@s.whatsapp.net', fromMe: true, id: 'AC1' };

  it.each([
    ['a customer', PEER, { peer: { waId: '5511977770001', name: null }, details: null }],
    ['a group', GROUP, { peer: null, details: { group: { id: GROUP.remoteJid } } }],
  ])('of ours to %s is an outbound one, typed on the phone or sent by another program', (_name, key, expected) => {
    const data = { key: { ...key, fromMe: true }, pushName: 'Você', message: { conversation: 'Oi' } };
    const shown = { direction: 'outbound', origin: 'phone', status: 'sent', content: 'Oi', ...expected };
    for (const event of ['messages.upsert', 'send.message']) {
      expect(read({ event, instance: 'shop', data })!.news[0]).toMatchObject({ messages: [], synced: [shown] });
    }
  });

  it.each([[2], ['MESSAGE_EDIT'], [1], [undefined]])(
    'that is an encrypted change of type %s is an edit of its message',
    (secretEncType) => {
      const part = { targetMessageKey: OWN, encPayload: { 0: 1 }, secretEncType };
      const data = { key: PEER, messageTimestamp: 1_790_000_000, message: { secretEncryptedMessage: part } };
      const { messages, synced } = read({ event: 'messages.upsert', instance: 'shop', data })!.news[0]!;
      const change = { kind: 'edited', providerMessageId: 'AC1', unreadable: true };
      expect([...messages, ...synced!]).toMatchObject([
        { type: 'system', content: '', details: { change }, sentTime: '2026-09-21T14:13:20.000Z' },
      ]);
    },
  );

  it('that is another encrypted change is a notice', () => {
    const part = { targetMessageKey: OWN, encPayload: { 0: 1 }, secretEncType: 9 };
    const data = { key: PEER, message: { secretEncryptedMessage: part } };
    const { messages } = read({ event: 'messages.upsert', instance: 'shop', data })!.news[0]!;
    expect(messages).toMatchObject([{ type: 'system', details: { system: { kind: 'encrypted_change' } } }]);
  });

  it('that is a vote names its voter, also where all votes of a poll are told again', () => {
    const vote = { pollCreationMessageKey: OWN, vote: { selectedOptions: ['Monday'] } };
    const data = { key: { ...PEER, participant: '' }, message: { pollUpdateMessage: vote } };
    const one = read({ event: 'messages.upsert', instance: 'shop', data })!.news[0]!.messages;
    const pollUpdates = [{ name: 'Monday', voters: [PEER.remoteJid] }];
    const all = update({ keyId: 'AC1', remoteJid: PEER.remoteJid, fromMe: true, pollUpdates })!.news[0]!.messages;
    for (const messages of [one, all]) {
      expect(messages).toMatchObject([{ details: { poll: { selected: ['Monday'], voter: PEER.remoteJid } } }]);
    }
  });

  const edit = { type: 'MESSAGE_EDIT', editedMessage: { conversation: 'Oi!' }, timestampMs: '1790000000123' };
  const told = { message: { editedMessage: { message: edit.editedMessage } }, status: 'SERVER_ACK' };
  const wrapped = { editedMessage: { message: { protocolMessage: { key: OWN, ...edit } } } };
  it.each<[string, string, object, string, string]>([
    ['an edit', 'messages.update', { ...PEER, ...told, keyId: 'AC1' }, 'edited', 'Oi!'],
    [
      'an edit among messages',
      'messages.upsert',
      { key: PEER, message: { protocolMessage: { key: OWN, ...edit } } },
      'edited',
      'Oi!',
    ],
    ['a wrapped edit among messages', 'messages.upsert', { key: PEER, message: wrapped }, 'edited', 'Oi!'],
    ['a deletion told by its key', 'messages.delete', PEER, 'deleted', ''],
    [
      'a deletion among messages',
      'messages.upsert',
      { key: PEER, message: { protocolMessage: { key: OWN, type: 'REVOKE' } } },
      'deleted',
      '',
    ],
  ])('%s is of the chat that the server names', (_name, event, data, kind, content) => {
    const { messages, synced } = read({ event, instance: 'shop', data })!.news[0]!;
    const change = { kind, providerMessageId: 'AC1' };
    expect(messages).toMatchObject([{ from: { waId: '5511977770001' }, content, details: { change } }]);
    expect(synced).toEqual([]);
  });

  it('a deletion of ours through the API is of its chat', () => {
    const data = { id: 'cmfy', key: { ...PEER, fromMe: true }, status: 'DELETED' };
    const { messages, synced } = read({ event: 'messages.delete', instance: 'shop', data })!.news[0]!;
    expect(messages).toEqual([]);
    expect(synced).toMatchObject([{ peer: { waId: '5511977770001' }, details: { change: { kind: 'deleted' } } }]);
  });

  const edited = (data: object) => read({ event: 'messages.edited', instance: 'shop', sender: OWN.remoteJid, data })!;

  it.each([
    ['of a customer, to whose phone our number is the chat,', OWN, 'customer'],
    ['of our phone', { ...PEER, fromMe: true }, 'either'],
    ['of a chat that shows no number', { remoteJid: '99887766@lid', fromMe: true, id: 'AC1' }, 'either'],
  ])('an edit %s does not tell who made it', (_who, key, untold) => {
    const { messages, synced } = edited({ key, ...edit }).news[0]!;
    expect(messages).toEqual([]);
    const change = { kind: 'edited', providerMessageId: 'AC1', untold };
    const sentTime = '2026-09-21T14:13:20.123Z';
    expect(synced).toMatchObject([{ peer: null, content: 'Oi!', sentTime, details: { change } }]);
  });

  it.each([
    ['an edit in a group', { key: { ...OWN, remoteJid: '120363000000000001@g.us' }, ...edit }, 'no_author'],
    ['a deletion, which the server tells again,', { key: OWN, type: 'REVOKE' }, 'protocol'],
  ])('%s changes nothing by its writer’s word', (_what, data, name) => {
    expect(edited(data)).toMatchObject({ news: [{ messages: [], synced: [] }], ignored: [name] });
  });

  it('deletions of two chats have two ids: no stranger takes the place of the writer', () => {
    const ids = ['5511977770001', '5511977770002'].map((phone) => {
      const data = { ...PEER, remoteJid: `${phone}@s.whatsapp.net` };
      return read({ event: 'messages.delete', instance: 'shop', data })!.news[0]!.messages[0]!.providerMessageId;
    });
    expect(new Set(ids).size).toBe(2);
  });

  it('a call that rang in vain is a missed one', () => {
    const data = { id: 'C1', from: PEER.remoteJid, status: 'timeout', isVideo: true, date: '2026-11-29T11:59:00.000Z' };
    const { messages } = read({ event: 'call', instance: 'shop', data })!.news[0]!;
    expect(messages).toMatchObject([
      { type: 'system', sentTime: data.date, details: { call: { missed: true, video: true } } },
    ]);
    expect(read({ event: 'call', instance: 'shop', data: { ...data, status: 'offer' } })!.ignored).toEqual(['call']);
  });
});
