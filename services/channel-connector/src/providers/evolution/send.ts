import type { AboutMessage, OutboundContent } from '@recado/contracts';
import { fileOf, type OutboundFile, type OutboundFiles } from '../outbound-file.ts';
import type { OutboundMessage } from '../provider.ts';
import { cardsAsText, phoneOfCard, placeName, withoutChoices } from '../web-fallback.ts';
import { authorOf, jidOf } from '../web-message.ts';

/** A call of `/message/<route>/<instance>`. */
export interface SendCall {
  route: string;
  body: Record<string, unknown>;
  /** Goes as base64 in the field of that name. */
  file?: { name: string; file: OutboundFile };
}

/** How Evolution sends a message; null for a kind it has no call for. */
export function sendCall({ recipient, content, about, files }: OutboundMessage): SendCall | null {
  const chat = jidOf(recipient);
  // An address goes as it is. Only a bare phone may be rewritten (Brazil's ninth digit).
  const { waId, userId, phone, group } = recipient;
  const number = group || waId || userId ? chat : (phone?.replace('+', '') ?? '');
  if (content.kind === 'reaction') {
    const key = about && keyOf(about, chat);
    return key && { route: 'sendReaction', body: { key, reaction: content.emoji ?? '' } };
  }
  const call = callOf(withoutChoices(content), files);
  if (!call) return null;
  const quoted = about ? { quoted: { key: keyOf(about, chat), message: { conversation: about.text } } } : {};
  return { ...call, body: { number, ...call.body, ...quoted } };
}

/** In a group the author is part of it, unless it was us. */
function keyOf(about: AboutMessage, remoteJid: string) {
  const { providerMessageId: id, fromMe } = about;
  const participant = fromMe ? undefined : authorOf(about, 's.whatsapp.net');
  return { id, remoteJid, fromMe, ...(participant !== undefined && { participant }) };
}

function callOf(content: ReturnType<typeof withoutChoices>, files: OutboundFiles): SendCall | null {
  switch (content.kind) {
    case 'text':
      return textCall(content.body, content.previewUrl);
    case 'image':
    case 'video':
    case 'document':
      return mediaCall(content.kind, content, files);
    case 'audio':
      return content.voice
        ? withMedia({ route: 'sendWhatsAppAudio', body: {} }, 'audio', content.media, files)
        : mediaCall('audio', content, files);
    case 'sticker':
      return withMedia({ route: 'sendSticker', body: {} }, 'sticker', content.media, files);
    case 'location': {
      const { latitude, longitude, address } = content;
      const name = placeName(content);
      return { route: 'sendLocation', body: { latitude, longitude, name, address: address ?? name } };
    }
    case 'contacts':
      return contactCall(content.contacts);
    default:
      return null;
  }
}

const textCall = (text: string, linkPreview = false): SendCall => ({ route: 'sendText', body: { text, linkPreview } });

type Media = { url?: string | undefined; fileId?: string | undefined };

function mediaCall(
  mediatype: string,
  { media, caption, fileName }: { media: Media; caption?: string | undefined; fileName?: string | undefined },
  files: OutboundFiles,
): SendCall {
  // Of base64 Evolution reads no type.
  const own = media.fileId === undefined ? null : fileOf(files, media.fileId);
  const body = { mediatype, mimetype: own?.type, caption, fileName: fileName ?? own?.name };
  return withMedia({ route: 'sendMedia', body }, 'media', media, files);
}

const withMedia = (call: SendCall, name: string, { url, fileId }: Media, files: OutboundFiles): SendCall =>
  fileId === undefined
    ? { ...call, body: { ...call.body, [name]: url } }
    : { ...call, file: { name, file: fileOf(files, fileId) } };

/** A card needs a phone; without one all go as text. */
function contactCall(cards: Extract<OutboundContent, { kind: 'contacts' }>['contacts']): SendCall {
  const contact = cards.map((card) => ({
    fullName: card.name,
    wuid: phoneOfCard(card),
    phoneNumber: phoneOfCard(card),
    organization: card.organization?.company,
    email: card.emails?.[0]?.email,
    url: card.urls?.[0]?.url,
  }));
  return contact.every(({ phoneNumber }) => phoneNumber !== null)
    ? { route: 'sendContact', body: { contact } }
    : textCall(cardsAsText(cards));
}
