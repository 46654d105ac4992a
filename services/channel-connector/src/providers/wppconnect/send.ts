import type { AboutMessage } from '@recado/contracts';
import type { OutboundMessage } from '../provider.ts';
import { cardsAsText, phoneOfCard, placeName, withoutChoices } from '../web-fallback.ts';
import { authorOf, jidOf } from '../web-message.ts';
import { chatOf } from './ids.ts';

/** A call of `/api/<session>/<route>`. */
export interface SendCall {
  route: string;
  body: Record<string, unknown>;
}

/** How WPPConnect sends a message; null for a kind it has no call for. */
export function sendCall({ recipient, content, about }: OutboundMessage): SendCall | null {
  const quoted = about ? serializedId(about, jidOf(recipient).replace('@s.whatsapp.net', '@c.us')) : undefined;
  if (content.kind === 'reaction') {
    // `false` takes the earlier one back.
    return quoted === undefined
      ? null
      : { route: 'react-message', body: { msgId: quoted, reaction: content.emoji ?? false } };
  }
  const call = callOf(withoutChoices(content), quoted);
  return call && { route: call.route, body: { ...chatOf(recipient), ...call.body } };
}

/** WPPConnect knows a message by its chat too; then comes who wrote it, or that it is our own. */
function serializedId(about: AboutMessage, chat: string): string {
  const { providerMessageId, fromMe } = about;
  const author = fromMe ? 'out' : authorOf(about, 'c.us');
  return [fromMe, chat, providerMessageId, ...(author === undefined ? [] : [author])].join('_');
}

function callOf(content: ReturnType<typeof withoutChoices>, quoted: string | undefined): SendCall | null {
  switch (content.kind) {
    case 'text':
      return textCall(content.body, quoted, content.previewUrl);
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

/** A reply takes no options: the server makes its preview. */
const textCall = (message: string, quoted: string | undefined, linkPreview = false): SendCall =>
  quoted === undefined
    ? { route: 'send-message', body: { message, options: { linkPreview } } }
    : { route: 'send-reply', body: { message, messageId: quoted } };
