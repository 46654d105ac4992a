import type { OutboundContent } from '@recado/contracts';
import type { z } from 'zod';
import type { sendMessageBody } from './schemas.ts';

type Body = z.output<typeof sendMessageBody>;

/** What a service calls the parts of content, in this edition's words. */
export const MESSAGE_FIELDS: Record<string, string> = {
  'content.kind': 'type',
  'content.replyTo': 'replyToMessageId',
  'content.body': 'content',
  'content.media': 'content',
  'content.media.fileId': 'content',
  'content.media.url': 'content',
  'content.emoji': 'content',
  'content.caption': 'metadata.caption',
  'content.fileName': 'metadata.fileName',
  'content.messageId': 'metadata.messageId',
};

/** A message as this edition's clients write it, as services know it. */
export function contentOf(body: Body): OutboundContent {
  if (body.type === 'REACTION') {
    return { kind: 'reaction', messageId: body.metadata.messageId, emoji: body.content || null };
  }
  const replyTo = body.replyToMessageId === undefined ? {} : { replyTo: body.replyToMessageId };
  return { ...kindOf(body), ...replyTo };
}

function kindOf(body: Exclude<Body, { type: 'REACTION' }>): OutboundContent {
  switch (body.type) {
    case 'TEXT':
      return { kind: 'text', body: body.content, ...(body.metadata?.previewUrl && { previewUrl: true }) };
    case 'IMAGE':
    case 'VIDEO': {
      const kind = body.type === 'IMAGE' ? 'image' : 'video';
      return { kind, media: mediaOf(body.content), caption: body.metadata?.caption };
    }
    case 'DOCUMENT': {
      const { caption, fileName } = body.metadata ?? {};
      return { kind: 'document', media: mediaOf(body.content), caption, fileName };
    }
    case 'AUDIO':
      return { kind: 'audio', media: mediaOf(body.content), voice: body.metadata?.voice };
    case 'STICKER':
      return { kind: 'sticker', media: mediaOf(body.content) };
    case 'LOCATION':
      return { kind: 'location', ...body.metadata };
  }
}

const mediaOf = (given: string) => (/^https?:/i.test(given) ? { url: given } : { fileId: given });
