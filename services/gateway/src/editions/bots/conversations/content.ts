import type { OutboundContent } from '@recado/contracts';
import type { z } from 'zod';
import type { sendMessageBody } from './schemas.ts';

type Body = z.output<typeof sendMessageBody>;

/** What a service calls the parts of content, in this edition's words. */
export const MESSAGE_FIELDS: Record<string, string> = {
  'content.kind': 'messageType',
  'content.replyTo': 'replyToMessageId',
  'content.body': 'content',
  'content.caption': 'content',
  'content.media': 'mediaUrl',
  'content.media.url': 'mediaUrl',
  'content.media.fileId': 'fileId',
  'content.fileName': 'fileName',
};

/** A message as this edition's clients write it, as services know it. */
export function contentOf(body: Body): OutboundContent {
  const replyTo = body.replyToMessageId === undefined ? {} : { replyTo: body.replyToMessageId };
  return { ...kindOf(body), ...replyTo };
}

function kindOf(body: Body): OutboundContent {
  if (body.messageType === 'text') return { kind: 'text', body: body.content };
  const media = { fileId: body.fileId, url: body.mediaUrl };
  switch (body.messageType) {
    case 'image':
    case 'video':
      return { kind: body.messageType, media, caption: body.content };
    case 'document':
      return { kind: 'document', media, caption: body.content, fileName: body.fileName };
    case 'audio':
      return { kind: 'audio', media, voice: body.voice };
  }
}
