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
    ['a group', { remoteJid: '120363041234567890@g.us', participant: '5511977770001@s.whatsapp.net' }, 'group'],
    ['a status', { remoteJid: 'status@broadcast' }, 'broadcast'],
    ['a channel', { remoteJid: '120363041234567890@newsletter' }, 'broadcast'],
    ['an unknown address', { remoteJid: 'x@y' }, 'no_sender'],
    ['no address', {}, 'no_sender'],
    ['the phone itself', { remoteJid: '5511977770001@s.whatsapp.net', fromMe: true }, 'echo'],
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
