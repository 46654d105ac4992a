import type { OutboundContent } from '@recado/contracts';
import type { z } from 'zod';
import type { sendMessageBody } from './body.ts';

type Sent = z.output<typeof sendMessageBody>;
type Bare<B> = B extends unknown ? Omit<B, 'chat_id' | 'clear_draft'> : never;
type Body = Bare<Exclude<Sent, { message_type: 'canned_answer' }>>;

/** What a message says: words of its own, or a canned answer that the service fills in. */
export function saidBy(body: Bare<Sent>) {
  if (body.message_type !== 'canned_answer') return { content: contentOf(body) };
  const { canned_answer_id: answerId, values, reply_to: replyTo } = body;
  return { canned: { answerId, values, replyTo } };
}

/** What a service calls the parts of content, in this edition's words. */
export const CONTENT_FIELDS: Record<string, string> = {
  'content.kind': 'message_type',
  'content.replyTo': 'reply_to',
  'content.body': 'content',
  'content.caption': 'content',
  'content.media': 'media_file_id',
  'content.media.fileId': 'media_file_id',
  'content.media.url': 'media_url',
  'content.fileName': 'file_name',
  'content.contacts': 'contacts',
  'content.messageId': 'message_id',
  'content.header.text': 'header_text',
  'content.footer': 'footer_text',
  'content.buttons': 'buttons',
  'content.button': 'button_text',
  'content.sections': 'sections',
  'content.url': 'url',
  'content.name': 'template_name',
  'content.language': 'template_language',
  'content.params': 'template_variables',
  'canned.values': 'values',
  values: 'values',
};

/** A message as this edition's clients write it, as services know it. */
export function contentOf(body: Body): OutboundContent {
  if (body.message_type === 'reaction') return { kind: 'reaction', messageId: body.message_id, emoji: body.emoji };
  const replyTo = body.reply_to === undefined ? {} : { replyTo: body.reply_to };
  return { ...kindOf(body), ...replyTo };
}

function kindOf(body: Exclude<Body, { message_type: 'reaction' }>): OutboundContent {
  switch (body.message_type) {
    case 'text':
      return { kind: 'text', body: body.content, ...(body.preview_url && { previewUrl: true }) };
    case 'image':
    case 'video':
      return { kind: body.message_type, media: mediaOf(body), caption: body.content };
    case 'document':
      return { kind: 'document', media: mediaOf(body), caption: body.content, fileName: body.file_name };
    case 'audio':
      return { kind: 'audio', media: mediaOf(body), voice: body.voice };
    case 'sticker':
      return { kind: 'sticker', media: mediaOf(body) };
    case 'location': {
      const { latitude, longitude, name, address } = body;
      return { kind: 'location', latitude, longitude, name, address };
    }
    case 'contacts':
      return { kind: 'contacts', contacts: body.contacts.map(cardOf) };
    case 'buttons':
      return { kind: 'buttons', ...wordsOf(body), buttons: body.buttons };
    case 'list':
      return { kind: 'list', ...wordsOf(body), button: body.button_text, sections: body.sections };
    case 'link':
      return { kind: 'link', ...wordsOf(body), button: body.button_text, url: body.url };
    case 'template': {
      const { template_name: name, template_language: language, template_variables: params } = body;
      return { kind: 'template', name, language, params };
    }
  }
}

const mediaOf = ({ media_file_id: fileId, media_url: url }: { media_file_id?: string; media_url?: string }) => ({
  fileId,
  url,
});

const wordsOf = (body: { content: string; header_text?: string | undefined; footer_text?: string | undefined }) => ({
  body: body.content,
  footer: body.footer_text,
  ...(body.header_text !== undefined && { header: { text: body.header_text } }),
});

type Card = Extract<Body, { message_type: 'contacts' }>['contacts'][number];
const cardOf = ({ name, phones, emails, company }: Card) => ({
  name,
  phones: phones?.map((phone) => ({ phone })),
  emails: emails?.map((email) => ({ email })),
  ...(company !== undefined && { organization: { company } }),
});
