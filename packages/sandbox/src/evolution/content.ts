import { createHash } from 'node:crypto';
import { badRequest, serverError } from './errors.ts';
import { type Body, checkBody, isBase64, isBody, isUrl, type Shape, text } from './validate.ts';

/** A message as a route reads it: what goes out, and the text a person would read. */
export interface SendContent {
  /** The number or address as it was given. */
  to: string;
  type: string;
  message: Body;
  text: string | null;
  delayMs: number;
  quotedId: string | null;
}

const number = { type: 'string', description: 'Invalid format' } as const;
const options: Shape = {
  number: { ...number, required: true },
  delay: { type: 'number', description: 'Enter a value in milliseconds' },
  quoted: { type: 'object' },
  mentioned: { type: 'array' },
};

type Reader = (body: unknown) => { message: Body; text: string | null; body: Body; to?: string };

/** Route of `/message/…` → what it sends. */
const readers: Record<string, Reader> = {
  sendText(given) {
    const body = checkBody(given, { ...options, text: { type: 'string', required: true } });
    if (text(body.text).trim() === '') throw badRequest('Text is required');
    return { body, message: { conversation: body.text }, text: text(body.text) };
  },
  sendMedia(given) {
    const mediatype = { type: 'string', required: true, oneOf: ['image', 'document', 'video', 'audio'] } as const;
    const shape: Shape = { ...options, mediatype, media: { type: 'string' }, caption: { type: 'string' } };
    const body = checkBody(given, { ...shape, fileName: { type: 'string' }, mimetype: { type: 'string' } });
    const media = checkFile(body.media);
    if (isBase64(media) && body.mediatype === 'document' && !body.fileName) {
      throw badRequest('For base64 the file name must be informed.');
    }
    const { mimetype, caption, fileName } = body;
    const kind = `${text(body.mediatype)}Message`;
    const part = { url: mediaUrl(media), mimetype, caption, fileName, ...bytesOf(media) };
    return { body, message: { [kind]: part }, text: captionOf(body) };
  },
  sendWhatsAppAudio(given) {
    const body = checkBody(given, { ...options, audio: { type: 'string' } });
    const file = checkFile(body.audio);
    const audio = { url: mediaUrl(file), mimetype: 'audio/ogg; codecs=opus', ptt: true, ...bytesOf(file) };
    return { body, message: { audioMessage: audio }, text: null };
  },
  sendSticker(given) {
    const body = checkBody(given, { ...options, sticker: { type: 'string' } });
    const file = checkFile(body.sticker);
    const sticker = { url: mediaUrl(file), mimetype: 'image/webp', ...bytesOf(file) };
    return { body, message: { stickerMessage: sticker }, text: null };
  },
  sendLocation(given) {
    const coordinate = { type: 'number', required: true } as const;
    const label = { type: 'string', required: true } as const;
    const shape: Shape = { ...options, latitude: coordinate, longitude: coordinate, name: label, address: label };
    const body = checkBody(given, shape);
    const { latitude, longitude, name, address } = body;
    const location = { degreesLatitude: latitude, degreesLongitude: longitude, name, address };
    return { body, message: { locationMessage: location }, text: text(name) };
  },
  sendContact(given) {
    const body = checkBody(given, { ...options, contact: { type: 'array', required: true } });
    const cards = (body.contact as unknown[]).map(vcard);
    if (cards.length === 0) throw badRequest(['contact does not meet minimum length of 1']);
    const message =
      cards.length === 1
        ? { contactMessage: cards[0] }
        : { contactsArrayMessage: { displayName: `${cards.length} contacts`, contacts: cards } };
    return { body, message, text: cards.map(({ displayName }) => displayName).join(', ') };
  },
  sendReaction(given) {
    const body = checkBody(given, {
      key: { type: 'object', required: true },
      reaction: { type: 'string', required: true },
    });
    const key = body.key as Body;
    if (!key.id || !key.remoteJid) throw badRequest(['The "id" cannot be empty']);
    return {
      body,
      message: { reactionMessage: { key, text: body.reaction } },
      text: text(body.reaction),
      to: text(key.remoteJid),
    };
  },
  sendButtons(given) {
    const body = checkBody(given, {
      ...options,
      title: { type: 'string' },
      description: { type: 'string' },
      buttons: { type: 'array' },
    });
    const buttons = Array.isArray(body.buttons) ? body.buttons : [];
    if (buttons.length === 0) throw badRequest('At least one button is required');
    if (buttons.filter((one) => isBody(one) && one.type === 'reply').length > 3) {
      throw badRequest('Maximum of 3 reply buttons allowed');
    }
    const { title, description, footer } = body;
    const interactiveMessage = { body: { text: title }, footer, description, nativeFlowMessage: { buttons } };
    return { body, message: { viewOnceMessage: { message: { interactiveMessage } } }, text: text(title) || null };
  },
  sendList(given) {
    const words = { type: 'string', required: true } as const;
    const shape: Shape = { ...options, title: words, footerText: words, buttonText: words };
    const body = checkBody(given, { ...shape, sections: { type: 'array', required: true } });
    const { title, description, buttonText, footerText, sections } = body;
    const listMessage = { title, description, buttonText, footerText, sections, listType: 2 };
    return { body, message: { listMessage }, text: text(title) };
  },
  sendTemplate(given) {
    const words = { type: 'string', required: true } as const;
    checkBody(given, { number, name: words, language: words });
    // Templates are for the integration with Meta's Cloud API alone.
    throw serverError('Method not available in the Baileys service');
  },
};

export const SEND_ROUTES = Object.keys(readers);

/** Reads the body of a send. Throws EvolutionError. */
export function readContent(route: string, given: unknown): SendContent {
  const { body, message, text: readable, to } = readers[route]!(given);
  const quoted = isBody(body.quoted) && isBody(body.quoted.key) ? text(body.quoted.key.id) : '';
  return {
    to: to ?? text(body.number),
    type: Object.keys(message)[0]!,
    message,
    text: readable,
    delayMs: typeof body.delay === 'number' ? body.delay : 0,
    quotedId: quoted || null,
  };
}

const captionOf = (body: Body): string | null => text(body.caption) || null;

function checkFile(value: unknown): string {
  const file = text(value);
  if (!isUrl(file) && !isBase64(file)) throw badRequest('Owned media must be a url or base64');
  return file;
}

/** What a message tells of the bytes that it was given. */
function bytesOf(file: string): Body {
  if (!isBase64(file)) return {};
  const bytes = Buffer.from(file, 'base64');
  return { fileLength: String(bytes.length), fileSha256: createHash('sha256').update(bytes).digest('base64') };
}

/** Files go to WhatsApp's servers; the message shows their address there. */
const mediaUrl = (file: string): string =>
  `https://mmg.whatsapp.net/o1/v/t24/f2/m239/sandbox-${file.length.toString(36)}?ccb=9-4`;

function vcard(given: unknown): { displayName: string; vcard: string } {
  const card = isBody(given) ? given : {};
  const [name, phone] = [text(card.fullName), text(card.phoneNumber)];
  if (name === '' || phone.length < 10) throw badRequest(['contact[0] requires property "phoneNumber"']);
  const lines = ['BEGIN:VCARD', 'VERSION:3.0', `N:${name}`, `FN:${name}`];
  lines.push(`item1.TEL;waid=${phone.replace(/\D/g, '')}:${phone}`, 'item1.X-ABLabel:Celular', 'END:VCARD');
  return { displayName: name, vcard: lines.join('\n') };
}
