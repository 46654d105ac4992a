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
    ['a group', { from: '120363041234567890@g.us', isGroupMsg: true, author: '5511977770001@c.us' }, 'group'],
    ['a group that says nothing of it', { from: '120363041234567890@g.us' }, 'group'],
    ['a status', { from: 'status@broadcast' }, 'broadcast'],
    ['the phone itself', { from: '5511977770001@c.us', fromMe: true }, 'echo'],
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
