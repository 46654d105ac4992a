import type { AboutMessage } from '@recado/contracts';
import type { OutboundMessage } from '../provider.ts';
import { cardsAsText, phoneOfCard, placeName, withoutChoices } from '../web-fallback.ts';
import { addressOf } from '../web-message.ts';

/** A call of `/api/<session>/<route>`. */
export interface SendCall {
  route: string;
  body: Record<string, unknown>;
}

/** How WPPConnect sends a message; null for a kind it has no call for. */
export function sendCall({ recipient, content, about }: OutboundMessage): SendCall | null {
  const { waId, userId, phone } = { waId: null, userId: null, phone: '', ...addressOf(recipient) };
  const to = userId ? userId.replace('@lid', '') : (waId ?? phone);
  const quoted = about ? serializedId(about, userId ? `${to}@lid` : `${to}@c.us`) : undefined;
  if (content.kind === 'reaction') {
    // `false` takes the earlier one back.
    return quoted === undefined
      ? null
      : { route: 'react-message', body: { msgId: quoted, reaction: content.emoji ?? false } };
  }
  const call = callOf(withoutChoices(content), quoted);
  return call && { route: call.route, body: { phone: to, isLid: userId !== null, isGroup: false, ...call.body } };
}

/** WPPConnect knows a message by its chat too; of our own it says so at the end. */
const serializedId = ({ providerMessageId, fromMe }: AboutMessage, chat: string): string =>
  fromMe ? `true_${chat}_${providerMessageId}_out` : `false_${chat}_${providerMessageId}`;

function callOf(content: ReturnType<typeof withoutChoices>, quoted: string | undefined): SendCall | null {
  switch (content.kind) {
    case 'text':
      return textCall(content.body, quoted);
    case 'image':
    case 'video':
    case 'document': {
      const filename = content.kind === 'document' ? content.fileName : undefined;
      const { media, caption } = content;
      return { route: 'send-file', body: { path: media.url, caption, filename, quotedMessageId: quoted } };
    }
    case 'audio':
      return {
        route: content.voice ? 'send-voice' : 'send-file',
        body: { path: content.media.url, quotedMessageId: quoted },
      };
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

const textCall = (message: string, quoted: string | undefined): SendCall =>
  quoted === undefined
    ? { route: 'send-message', body: { message } }
    : { route: 'send-reply', body: { message, messageId: quoted } };
