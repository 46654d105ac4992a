import type { AboutMessage } from '@recado/contracts';
import { fileOf, type OutboundFile, type OutboundFiles } from '../outbound-file.ts';
import type { OutboundMessage } from '../provider.ts';
import { cardsAsText, phoneOfCard, placeName, withoutChoices } from '../web-fallback.ts';
import { authorOf, jidOf } from '../web-message.ts';
import { chatOf } from './ids.ts';

/** A call of `/api/<session>/<route>`. */
export interface SendCall {
  route: string;
  body: Record<string, unknown>;
  /** Goes as base64 in the field of that name. */
  file?: { name: string; file: OutboundFile };
}

/** How WPPConnect sends a message; null for a kind it has no call for. */
export function sendCall({ recipient, content, about, files }: OutboundMessage): SendCall | null {
  const quoted = about ? serializedId(about, jidOf(recipient).replace('@s.whatsapp.net', '@c.us')) : undefined;
  if (content.kind === 'reaction') {
    // `false` takes the earlier one back.
    return quoted === undefined
      ? null
      : { route: 'react-message', body: { msgId: quoted, reaction: content.emoji ?? false } };
  }
  const call = callOf(withoutChoices(content), quoted, files);
  return call && { ...call, body: { ...chatOf(recipient), ...call.body } };
}

/** WPPConnect knows a message by its chat too; then comes who wrote it, or that it is our own. */
function serializedId(about: AboutMessage, chat: string): string {
  const { providerMessageId, fromMe } = about;
  const author = fromMe ? 'out' : authorOf(about, 'c.us');
  return [fromMe, chat, providerMessageId, ...(author === undefined ? [] : [author])].join('_');
}

function callOf(
  content: ReturnType<typeof withoutChoices>,
  quoted: string | undefined,
  files: OutboundFiles,
): SendCall | null {
  switch (content.kind) {
    case 'text':
      return textCall(content.body, quoted, content.previewUrl);
    case 'image':
    case 'video':
    case 'document': {
      const { media, caption } = content;
      const given = content.kind === 'document' ? content.fileName : undefined;
      const own = media.fileId === undefined ? null : fileOf(files, media.fileId);
      const body = { caption, filename: given ?? own?.name, quotedMessageId: quoted };
      return withMedia({ route: 'send-file', body }, 'base64', media, files);
    }
    case 'audio': {
      const body = { quotedMessageId: quoted };
      if (!content.voice) return withMedia({ route: 'send-file', body }, 'base64', content.media, files);
      const route = content.media.fileId === undefined ? 'send-voice' : 'send-voice-base64';
      return withMedia({ route, body }, 'base64Ptt', content.media, files);
    }
    case 'location': {
      const { latitude: lat, longitude: lng, address } = content;
      return { route: 'send-location', body: { lat, lng, title: placeName(content), address } };
    }
    case 'contacts': {
      const [card] = content.contacts;
      const phone = content.contacts.length === 1 ? phoneOfCard(card!) : null;
      // It takes one card, of a phone on WhatsApp.
      return phone === null
        ? textCall(cardsAsText(content.contacts), quoted)
        : { route: 'contact-vcard', body: { contactsId: `${phone}@c.us`, name: card!.name } };
    }
    default:
      return null;
  }
}

type Media = { url?: string | undefined; fileId?: string | undefined };

const withMedia = (call: SendCall, name: string, { url, fileId }: Media, files: OutboundFiles): SendCall =>
  fileId === undefined
    ? { ...call, body: { ...call.body, path: url } }
    : { ...call, file: { name, file: fileOf(files, fileId) } };

/** A reply takes no options: the server makes its preview. */
const textCall = (message: string, quoted: string | undefined, linkPreview = false): SendCall =>
  quoted === undefined
    ? { route: 'send-message', body: { message, options: { linkPreview } } }
    : { route: 'send-reply', body: { message, messageId: quoted } };
