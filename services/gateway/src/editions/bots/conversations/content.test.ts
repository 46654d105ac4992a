import { type OutboundContent, outboundContent } from '@recado/contracts';
import { describe, expect, test } from 'vitest';
import { contentOf } from './content.ts';
import { sendMessageBody } from './schemas.ts';

const id = '0198f5a0-0000-7000-8000-000000000001';
const mediaUrl = 'https://example.com/a.jpg';
const media = { url: mediaUrl };

const BODIES: [object, OutboundContent][] = [
  [
    { messageType: 'text', content: 'Hola', replyToMessageId: id },
    { kind: 'text', body: 'Hola', replyTo: id },
  ],
  [
    { messageType: 'image', mediaUrl, content: 'Foto' },
    { kind: 'image', media, caption: 'Foto' },
  ],
  [
    { messageType: 'video', fileId: id },
    { kind: 'video', media: { fileId: id } },
  ],
  [
    { messageType: 'document', mediaUrl, fileName: 'a.pdf' },
    { kind: 'document', media, fileName: 'a.pdf' },
  ],
  [
    { messageType: 'audio', mediaUrl, voice: true },
    { kind: 'audio', media, voice: true },
  ],
];

describe('a message as bots writes it', () => {
  test.each(BODIES)('%j', (body, content) => {
    const asked = contentOf(sendMessageBody.parse(body));
    expect(JSON.parse(JSON.stringify(asked))).toEqual(content);
    expect(outboundContent.safeParse(asked).success).toBe(true);
  });

  test('a file without its address is refused', () => {
    const { error } = sendMessageBody.safeParse({ messageType: 'image', content: 'Foto' });
    expect(error?.issues.map(({ path }) => path.join('.'))).toEqual(['mediaUrl']);
  });
});
