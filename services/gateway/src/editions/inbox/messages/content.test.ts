import { type OutboundContent, outboundContent } from '@recado/contracts';
import { describe, expect, test } from 'vitest';
import { contentOf } from './content.ts';
import { sendMessageBody } from './schemas.ts';

const id = '0198f5a0-0000-7000-8000-000000000001';
const url = 'https://cdn.exemplo.com/foto.jpg';

const BODIES: [object, OutboundContent][] = [
  [
    { type: 'TEXT', content: 'Olá', replyToMessageId: id },
    { kind: 'text', body: 'Olá', replyTo: id },
  ],
  [
    { type: 'TEXT', content: url, metadata: { previewUrl: true } },
    { kind: 'text', body: url, previewUrl: true },
  ],
  [
    { type: 'IMAGE', content: url, metadata: { caption: 'Foto do quarto' } },
    { kind: 'image', media: { url }, caption: 'Foto do quarto' },
  ],
  [
    { type: 'VIDEO', content: id },
    { kind: 'video', media: { fileId: id } },
  ],
  [
    { type: 'DOCUMENT', content: url, metadata: { fileName: 'a.pdf' } },
    { kind: 'document', media: { url }, fileName: 'a.pdf' },
  ],
  [
    { type: 'AUDIO', content: url, metadata: { voice: true } },
    { kind: 'audio', media: { url }, voice: true },
  ],
  [
    { type: 'STICKER', content: url, metadata: null },
    { kind: 'sticker', media: { url } },
  ],
  [
    { type: 'LOCATION', metadata: { latitude: 1, longitude: 2, name: 'Hotel' } },
    { kind: 'location', latitude: 1, longitude: 2, name: 'Hotel' },
  ],
  [
    { type: 'REACTION', content: '👍', metadata: { messageId: id } },
    { kind: 'reaction', messageId: id, emoji: '👍' },
  ],
  [
    { type: 'REACTION', content: '', metadata: { messageId: id } },
    { kind: 'reaction', messageId: id, emoji: null },
  ],
];

describe('a message as inbox writes it', () => {
  test.each(BODIES)('%j', (body, content) => {
    const asked = contentOf(sendMessageBody.parse({ conversationId: id, ...body }));
    expect(JSON.parse(JSON.stringify(asked))).toEqual(content);
    expect(outboundContent.safeParse(asked).success).toBe(true);
  });

  test.each([
    [{ type: 'IMAGE', content: 'foto' }, 'content', 'Deve ser uma URL http(s) ou o id de um arquivo'],
    [{ type: 'POLL', content: 'a' }, 'type', 'Deve ser um de: TEXT, IMAGE'],
  ])('%j is refused with its field', (body, field, sentence) => {
    const [issue] = sendMessageBody.safeParse({ conversationId: id, ...body }).error!.issues;
    expect(issue!.path).toEqual([field]);
    expect(issue!.message).toContain(sentence);
  });
});
