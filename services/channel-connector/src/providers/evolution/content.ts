import type { MessageDetails } from '@recado/contracts';
import {
  choiceOf,
  contactsOf,
  isObject,
  type Json,
  messageId,
  numberOfJson,
  objectOf,
  textOf,
  type WebContent,
} from '../web-message.ts';

type Reader = (part: Json, id: string) => WebContent | null;

const media =
  (type: WebContent['type'], more: (part: Json) => Json = () => ({})): Reader =>
  (part, id) => {
    const file = {
      id,
      url: textOf(part.url),
      type: textOf(part.mimetype),
      sha256: sha256Of(part.fileSha256),
      fileName: textOf(part.fileName) ?? textOf(part.title),
      size: numberOfJson(part.fileLength),
      ...more(part),
    };
    return { type, content: textOf(part.caption) ?? '', details: { media: file } };
  };

const location: Reader = (part) => {
  const [latitude, longitude] = [numberOfJson(part.degreesLatitude), numberOfJson(part.degreesLongitude)];
  if (latitude === undefined || longitude === undefined) return null;
  const place = { name: textOf(part.name), address: textOf(part.address), url: textOf(part.url) };
  return {
    type: 'location',
    content: textOf(part.caption) ?? '',
    details: { location: { latitude, longitude, ...place } },
  };
};

const cards = (given: unknown[]): WebContent =>
  contactsOf(given.filter(isObject).map(({ displayName: name, vcard }) => ({ name, vcard })));

/** Every known kind of `message` by its name. */
const READERS: Partial<Record<string, Reader>> = {
  extendedTextMessage: (part) => ({ type: 'text', content: textOf(part.text) ?? '' }),
  imageMessage: media('image'),
  videoMessage: media('video', ({ gifPlayback }) => (gifPlayback === true ? { animated: true } : {})),
  ptvMessage: media('video'),
  audioMessage: media('audio', ({ ptt }) => ({ voice: ptt === true })),
  documentMessage: media('document'),
  stickerMessage: media('sticker', ({ isAnimated }) => ({ animated: isAnimated === true })),
  locationMessage: location,
  liveLocationMessage: location,
  contactMessage: (part) => cards([part]),
  contactsArrayMessage: ({ contacts }) => cards(Array.isArray(contacts) ? contacts : []),
  reactionMessage: (part) => {
    const id = messageId(objectOf(part.key).id);
    if (id === null) return null;
    const emoji = textOf(part.text) ?? null;
    return {
      type: 'reaction',
      content: emoji ?? '',
      details: { reaction: { providerMessageId: id, emoji } },
      about: id,
    };
  },
  buttonsResponseMessage: (part) => choiceOf(part.selectedButtonId, part.selectedDisplayText),
  templateButtonReplyMessage: (part) => choiceOf(part.selectedId, part.selectedDisplayText),
  listResponseMessage: (part) => choiceOf(objectOf(part.singleSelectReply).selectedRowId, part.title, part.description),
};

/** Kinds that only wrap another message. */
const WRAPPERS = [
  'ephemeralMessage',
  'viewOnceMessage',
  'viewOnceMessageV2',
  'viewOnceMessageV2Extension',
  'documentWithCaptionMessage',
];

/** Reads `message`; null for a kind that this version does not know. */
export function readContent(message: Json, id: string, depth = 0): WebContent | null {
  const plain = textOf(message.conversation);
  if (plain !== undefined) return { type: 'text', content: plain };
  for (const wrapper of WRAPPERS) {
    const inner = objectOf(message[wrapper]).message;
    if (isObject(inner) && depth < 4) return readContent(inner, id, depth + 1);
  }
  for (const kind of Object.keys(message)) {
    const reader = Object.hasOwn(READERS, kind) ? READERS[kind] : undefined;
    const part = message[kind];
    if (reader && isObject(part)) return reader(part, id);
  }
  return null;
}

/** Quote, forwarding and the ad, from the place where Evolution puts them or WhatsApp does. */
export function readContext(data: Json, message: Json): Pick<MessageDetails, 'context' | 'referral'> {
  const inner = Object.values(message).find((part) => isObject(part) && isObject(part.contextInfo));
  const info = isObject(data.contextInfo) ? data.contextInfo : objectOf(objectOf(inner).contextInfo);
  const quotedId = messageId(info.stanzaId);
  const forwarded = info.isForwarded === true;
  const out: Pick<MessageDetails, 'context' | 'referral'> = {};
  if (quotedId !== null || forwarded) {
    out.context = {
      ...(quotedId === null ? {} : { quoted: { providerMessageId: quotedId, from: textOf(info.participant) } }),
      ...(forwarded ? { forwarded } : {}),
    };
  }
  const ad = objectOf(info.externalAdReply);
  if (textOf(ad.sourceUrl) ?? textOf(ad.sourceId) ?? textOf(ad.ctwaClid)) {
    out.referral = {
      sourceUrl: textOf(ad.sourceUrl),
      sourceId: textOf(ad.sourceId),
      sourceType: textOf(ad.sourceType),
      headline: textOf(ad.title),
      body: textOf(ad.body),
      thumbnailUrl: textOf(ad.thumbnailUrl),
      ctwaClid: textOf(ad.ctwaClid),
    };
  }
  return out;
}

/** Bytes come as base64, or as an object of numbers. */
function sha256Of(value: unknown): string | undefined {
  if (typeof value === 'string') return textOf(value);
  if (!isObject(value)) return undefined;
  const bytes = Object.values(value);
  return bytes.length === 32 ? Buffer.from(bytes.map(Number)).toString('base64') : undefined;
}
