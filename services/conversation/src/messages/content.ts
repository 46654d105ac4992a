import type { AboutMessage, MessageDetails, OutboundContent, OutboundKind, StoredFile } from '@recado/contracts';
import type { StoredMessage } from './store.ts';

type Parts = Pick<StoredMessage, 'type' | 'content' | 'details'>;

const TYPES: Record<OutboundKind, StoredMessage['type']> = {
  text: 'text',
  image: 'image',
  video: 'video',
  audio: 'audio',
  document: 'document',
  sticker: 'sticker',
  location: 'location',
  contacts: 'contacts',
  reaction: 'reaction',
  buttons: 'interactive',
  list: 'interactive',
  link: 'interactive',
  template: 'template',
};

/** The words of what we send; empty for kinds without any. */
export function wordsOf(content: OutboundContent): string {
  switch (content.kind) {
    case 'text':
    case 'buttons':
    case 'list':
    case 'link':
      return content.body;
    case 'image':
    case 'video':
    case 'document':
      return content.caption ?? '';
    case 'reaction':
      return content.emoji ?? '';
    default:
      return '';
  }
}

/** Whether `wordsOf` is all of it. */
export const isPlainText = (content: OutboundContent): boolean =>
  content.kind === 'text' && content.replyTo === undefined && content.previewUrl === undefined;

/** Our id of the message that content quotes or reacts to, and the field that names it. */
export function aboutOf(content: OutboundContent): { field: string; messageId: string } | null {
  if (content.kind === 'reaction') return { field: 'messageId', messageId: content.messageId };
  return content.replyTo === undefined ? null : { field: 'replyTo', messageId: content.replyTo };
}

/** How a message of ours is stored. `contentOf` is its inverse. */
export function partsOf(content: OutboundContent, about: AboutMessage | null, file: StoredFile | null = null): Parts {
  const carried = carriedBy(content, about);
  const details: MessageDetails = {
    ...carried,
    ...(file && { media: { ...factsOf(file), ...carried.media } }),
    ...(about && content.kind !== 'reaction' && { context: { quoted: quotedBy(about) } }),
  };
  return {
    type: TYPES[content.kind],
    content: wordsOf(content),
    details: Object.keys(details).length > 0 ? details : null,
  };
}

/** What a message shows of a stored file. */
const factsOf = ({ id, type, size, name, width, height, variants }: StoredFile): MessageDetails['media'] => ({
  fileId: id,
  state: 'ready',
  type,
  size,
  fileName: name,
  ...(width !== null && { width }),
  ...(height !== null && { height }),
  thumbnail: variants.includes('thumbnail'),
  playback: variants.includes('playback'),
});

const quotedBy = ({ providerMessageId, messageId }: AboutMessage) => ({ providerMessageId, messageId });

function carriedBy(content: OutboundContent, about: AboutMessage | null): MessageDetails {
  switch (content.kind) {
    case 'text':
      return content.previewUrl === undefined ? {} : { previewUrl: content.previewUrl };
    case 'image':
    case 'video':
    case 'sticker':
      return { media: content.media };
    case 'audio':
      return { media: { ...content.media, ...(content.voice !== undefined && { voice: content.voice }) } };
    case 'document':
      return { media: { ...content.media, ...(content.fileName !== undefined && { fileName: content.fileName }) } };
    case 'location': {
      const { latitude, longitude, name, address } = content;
      return {
        location: {
          latitude,
          longitude,
          ...(name !== undefined && { name }),
          ...(address !== undefined && { address }),
        },
      };
    }
    case 'contacts':
      return { contacts: content.contacts };
    case 'reaction':
      return about ? { reaction: { ...quotedBy(about), emoji: content.emoji } } : {};
    case 'buttons':
    case 'list':
    case 'link': {
      const { body: _, replyTo: __, ...interactive } = content;
      return { interactive };
    }
    case 'template': {
      const { kind: _, replyTo: __, ...template } = content;
      return { template };
    }
  }
}

/** What was sent as a stored message of ours; null for a kind that is not sent. */
export function contentOf({ type, content, details }: Parts): OutboundContent | null {
  const quoted = details?.context?.quoted?.messageId;
  const replyTo = quoted === undefined ? {} : { replyTo: quoted };
  const { fileId, url, voice, fileName } = details?.media ?? {};
  const media = { ...(fileId !== undefined && { fileId }), ...(fileId === undefined && { url }) };
  const caption = content === '' ? {} : { caption: content };
  switch (type) {
    case 'text': {
      const { previewUrl } = details ?? {};
      return { kind: 'text', body: content, ...(previewUrl !== undefined && { previewUrl }), ...replyTo };
    }
    case 'image':
    case 'video':
      return details?.media ? { kind: type, media, ...caption, ...replyTo } : null;
    case 'audio':
      return details?.media ? { kind: 'audio', media, ...(voice !== undefined && { voice }), ...replyTo } : null;
    case 'document':
      return details?.media
        ? { kind: 'document', media, ...caption, ...(fileName !== undefined && { fileName }), ...replyTo }
        : null;
    case 'sticker':
      return details?.media ? { kind: 'sticker', media, ...replyTo } : null;
    case 'location': {
      if (!details?.location) return null;
      const { url: _, ...place } = details.location;
      return { kind: 'location', ...place, ...replyTo };
    }
    case 'contacts':
      return details?.contacts ? { kind: 'contacts', contacts: details.contacts as Cards, ...replyTo } : null;
    case 'reaction': {
      const messageId = details?.reaction?.messageId;
      return details?.reaction && messageId !== undefined
        ? { kind: 'reaction', messageId, emoji: details.reaction.emoji }
        : null;
    }
    case 'interactive':
      return details?.interactive ? { ...details.interactive, body: content, ...replyTo } : null;
    case 'template':
      return details?.template ? { kind: 'template', ...details.template, ...replyTo } : null;
    default:
      return null;
  }
}

/** A card that we stored has a name. */
type Cards = Extract<OutboundContent, { kind: 'contacts' }>['contacts'];
