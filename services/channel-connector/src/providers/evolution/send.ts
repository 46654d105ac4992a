import type { AboutMessage, OutboundContent } from '@recado/contracts';
import type { OutboundMessage } from '../provider.ts';
import { cardsAsText, phoneOfCard, placeName, withoutChoices } from '../web-fallback.ts';
import { authorOf, jidOf } from '../web-message.ts';

/** A call of `/message/<route>/<instance>`. */
export interface SendCall {
  route: string;
  body: Record<string, unknown>;
}

/** How Evolution sends a message; null for a kind it has no call for. */
export function sendCall({ recipient, content, about }: OutboundMessage): SendCall | null {
  const chat = jidOf(recipient);
  // An address goes as it is. Only a bare phone may be rewritten (Brazil's ninth digit).
  const { waId, userId, phone, group } = recipient;
  const number = group || waId || userId ? chat : (phone?.replace('+', '') ?? '');
  if (content.kind === 'reaction') {
    const key = about && keyOf(about, chat);
    return key && { route: 'sendReaction', body: { key, reaction: content.emoji ?? '' } };
  }
  const call = callOf(withoutChoices(content));
  if (!call) return null;
  const quoted = about ? { quoted: { key: keyOf(about, chat), message: { conversation: about.text } } } : {};
  return { route: call.route, body: { number, ...call.body, ...quoted } };
}

/** In a group the author is part of it, unless it was us. */
function keyOf(about: AboutMessage, remoteJid: string) {
  const { providerMessageId: id, fromMe } = about;
  const participant = fromMe ? undefined : authorOf(about, 's.whatsapp.net');
  return { id, remoteJid, fromMe, ...(participant !== undefined && { participant }) };
}

function callOf(content: ReturnType<typeof withoutChoices>): SendCall | null {
  switch (content.kind) {
    case 'text':
      return textCall(content.body, content.previewUrl);
    case 'image':
    case 'video':
    case 'document':
      return mediaCall(content.kind, content);
    case 'audio':
      return content.voice
        ? { route: 'sendWhatsAppAudio', body: { audio: content.media.url } }
        : mediaCall('audio', content);
    case 'sticker':
      return { route: 'sendSticker', body: { sticker: content.media.url } };
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

function mediaCall(
  mediatype: string,
  { media, caption, fileName }: { media: { url?: string | undefined }; caption?: string; fileName?: string },
): SendCall {
  return { route: 'sendMedia', body: { mediatype, media: media.url, caption, fileName } };
}

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
