import { type OutboundContent, outboundContent } from '@recado/contracts';
import { describe, expect, test } from 'vitest';
import { sendMessageBody } from './body.ts';
import { saidBy } from './content.ts';

const id = '0198f5a0-0000-7000-8000-000000000001';
const url = 'https://example.com/a.jpg';
const words = { content: 'Elige', header_text: 'Menú', footer_text: 'Chau' };
const said = { body: 'Elige', header: { text: 'Menú' }, footer: 'Chau' };
const row = { id: 'a', title: 'Uno', description: 'El primero' };

const BODIES: [object, OutboundContent][] = [
  [
    { message_type: 'text', content: 'Hola', reply_to: id },
    { kind: 'text', body: 'Hola', replyTo: id },
  ],
  [
    { message_type: 'text', content: url, preview_url: true },
    { kind: 'text', body: url, previewUrl: true },
  ],
  [
    { message_type: 'image', media_file_id: id, content: 'Catálogo' },
    { kind: 'image', media: { fileId: id }, caption: 'Catálogo' },
  ],
  [
    { message_type: 'video', media_url: url },
    { kind: 'video', media: { url } },
  ],
  [
    { message_type: 'document', media_url: url, file_name: 'a.pdf' },
    { kind: 'document', media: { url }, fileName: 'a.pdf' },
  ],
  [
    { message_type: 'audio', media_url: url, voice: true },
    { kind: 'audio', media: { url }, voice: true },
  ],
  [
    { message_type: 'sticker', media_url: url },
    { kind: 'sticker', media: { url } },
  ],
  [
    { message_type: 'location', latitude: 1, longitude: 2, name: 'Tienda' },
    { kind: 'location', latitude: 1, longitude: 2, name: 'Tienda' },
  ],
  [
    { message_type: 'contacts', contacts: [{ name: 'Ana', phones: ['+51999888777'], company: 'Té' }] },
    {
      kind: 'contacts',
      contacts: [{ name: 'Ana', phones: [{ phone: '+51999888777' }], organization: { company: 'Té' } }],
    },
  ],
  [
    { message_type: 'reaction', message_id: id, emoji: null },
    { kind: 'reaction', messageId: id, emoji: null },
  ],
  [
    { message_type: 'buttons', ...words, buttons: [{ id: 'y', title: 'Sí' }] },
    { kind: 'buttons', ...said, buttons: [{ id: 'y', title: 'Sí' }] },
  ],
  [
    { message_type: 'list', ...words, button_text: 'Ver', sections: [{ rows: [row] }] },
    { kind: 'list', ...said, button: 'Ver', sections: [{ rows: [row] }] },
  ],
  [
    { message_type: 'link', ...words, button_text: 'Ver', url },
    { kind: 'link', ...said, button: 'Ver', url },
  ],
  [
    { message_type: 'template', template_name: 'hola', template_language: 'es', template_variables: { 1: 'Ana' } },
    { kind: 'template', name: 'hola', language: 'es', params: { 1: 'Ana' } },
  ],
];

describe('a message as crm writes it', () => {
  test.each(BODIES)('%j', (body, content) => {
    const { content: asked } = saidBy(sendMessageBody.parse({ chat_id: id, ...body }));
    expect(JSON.parse(JSON.stringify(asked))).toEqual(content);
    expect(outboundContent.safeParse(asked).success).toBe(true);
  });

  test('a canned answer has no content of its own', () => {
    const body = { message_type: 'canned_answer', canned_answer_id: id, values: { Fecha: 'hoy' }, reply_to: id };
    const canned = { answerId: id, values: { Fecha: 'hoy' }, replyTo: id };
    expect(saidBy(sendMessageBody.parse({ chat_id: id, clear_draft: true, ...body }))).toEqual({ canned });
  });

  test.each([
    [{ message_type: 'image' }, 'media_file_id'],
    [{ message_type: 'canned_answer', canned_answer_id: id, content: 'a' }, ''],
    [{ message_type: 'image', media_file_id: id, media_url: url }, 'media_file_id'],
    [{ message_type: 'image', media_url: 'ftp://example.com' }, 'media_url'],
    [{ message_type: 'text', content: 'x'.repeat(4097) }, 'content'],
    [{ message_type: 'link', content: 'a', button_text: 'b', url: 'page' }, 'url'],
    [{ message_type: 'poll' }, 'message_type'],
  ])('%j is refused with its field', (body, field) => {
    const { error } = sendMessageBody.safeParse({ chat_id: id, ...body });
    expect(error?.issues.map(({ path }) => path.join('.'))).toEqual([field]);
  });
});
