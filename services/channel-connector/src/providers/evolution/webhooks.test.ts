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
const image = { imageMessage: { mimetype: 'image/jpeg', caption: 'Foto', fileLength: { low: 9 } } };
const contextInfo = { stanzaId: '3EB0Q', participant: '5511940000000@s.whatsapp.net', isForwarded: true };
const ad = { sourceUrl: 'https://fb.me/1', sourceId: '1', sourceType: 'ad', title: 'T', body: 'B', ctwaClid: 'c' };

/** Every documented kind of `messages.upsert`, as evolution-api 2.3.7 tells it. */
describe('a message of Evolution', () => {
  it.each<[string, object, object]>([
    ['text', { conversation: 'Oi' }, { type: 'text', content: 'Oi', details: null }],
    ['text with a link', { extendedTextMessage: { text: 'Veja' } }, { type: 'text', content: 'Veja' }],
    [
      'image',
      image,
      { type: 'image', content: 'Foto', details: { media: { id: 'AC1', type: 'image/jpeg', size: 9 } } },
    ],
    ['video note', { ptvMessage: { mimetype: 'video/mp4' } }, { type: 'video' }],
    ['gif', { videoMessage: { gifPlayback: true } }, { type: 'video', details: { media: { animated: true } } }],
    ['voice', { audioMessage: { ptt: true } }, { type: 'audio', details: { media: { voice: true } } }],
    [
      'document',
      { documentMessage: { fileName: 'a.pdf' } },
      { type: 'document', details: { media: { fileName: 'a.pdf' } } },
    ],
    ['sticker', { stickerMessage: { isAnimated: true } }, { type: 'sticker', details: { media: { animated: true } } }],
    [
      'location',
      { locationMessage: { degreesLatitude: -23.5, degreesLongitude: -46.6, name: 'Loja', address: 'Rua 1' } },
      {
        type: 'location',
        details: { location: { latitude: -23.5, longitude: -46.6, name: 'Loja', address: 'Rua 1' } },
      },
    ],
    ['contact', { contactMessage: { displayName: 'Ana', vcard: 'TEL:+55 11' } }, { type: 'contacts', content: 'Ana' }],
    [
      'reaction',
      { reactionMessage: { key: { id: '3EB0' }, text: '👍' } },
      { type: 'reaction', content: '👍', replyToProviderMessageId: '3EB0' },
    ],
    [
      'button',
      { templateButtonReplyMessage: { selectedId: 'b1', selectedDisplayText: 'Sim' } },
      { type: 'interactive', content: 'Sim', details: { choice: { id: 'b1', title: 'Sim' } } },
    ],
    [
      'row of a list',
      { listResponseMessage: { title: 'A', description: 'D', singleSelectReply: { selectedRowId: 'r1' } } },
      { type: 'interactive', details: { choice: { id: 'r1', title: 'A', description: 'D' } } },
    ],
    ['view once', { viewOnceMessageV2: { message: image } }, { type: 'image', content: 'Foto' }],
    ['unknown kind with words', { newsMessage: { title: 'Hoje' } }, { type: 'unsupported', content: 'Hoje' }],
  ])('%s keeps all that it tells', (_name, message, expected) => {
    const data = { key: PEER, pushName: 'Ana', message, messageTimestamp: 1_760_000_000 };
    const [told] = read({ event: 'messages.upsert', instance: 'shop', data })!.news[0]!.messages;
    expect(told).toMatchObject({ providerMessageId: 'AC1', from: { waId: '5511977770001', name: 'Ana' }, ...expected });
  });

  it('keeps its quote, that it was forwarded, and the ad', () => {
    const message = { conversation: 'Oi' };
    const data = { key: PEER, message, contextInfo: { ...contextInfo, externalAdReply: ad } };
    const [told] = read({ event: 'messages.upsert', instance: 'shop', data })!.news[0]!.messages;
    expect(told!.details).toMatchObject({
      context: { quoted: { providerMessageId: '3EB0Q', from: '5511940000000@s.whatsapp.net' }, forwarded: true },
      referral: { sourceUrl: 'https://fb.me/1', headline: 'T', body: 'B', ctwaClid: 'c' },
    });
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

  it.each([
    ['a customer', PEER, { peer: { waId: '5511977770001', name: null }, details: null }],
    ['a group', GROUP, { peer: null, details: { group: { id: GROUP.remoteJid } } }],
  ])('typed on the phone to %s is an outbound one', (_name, key, expected) => {
    const data = { key: { ...key, fromMe: true }, pushName: 'Você', message: { conversation: 'Oi' } };
    expect(read({ event: 'messages.upsert', instance: 'shop', data })!.news[0]).toMatchObject({
      messages: [],
      synced: [{ direction: 'outbound', origin: 'phone', status: 'sent', content: 'Oi', ...expected }],
    });
  });

  it.each([
    ['an edit', 'messages.edited', { key: PEER, type: 14, editedMessage: { conversation: 'Oi!' } }, 'edited', 'Oi!'],
    ['a deletion', 'messages.delete', PEER, 'deleted', ''],
  ])('%s names the message, of either side', (_name, event, data, kind, content) => {
    const change = { details: { change: { kind, providerMessageId: 'AC1' } }, content };
    expect(read({ event, instance: 'shop', data })!.news[0]!.messages).toMatchObject([change]);
    const key = { ...PEER, fromMe: true };
    const ours = 'key' in data ? { ...data, key } : key;
    expect(read({ event, instance: 'shop', data: ours })!.news[0]).toMatchObject({ messages: [], synced: [change] });
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
