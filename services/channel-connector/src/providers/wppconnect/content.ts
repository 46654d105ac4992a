import {
  choiceOf,
  contactsOf,
  isObject,
  type Json,
  numberOfJson,
  objectOf,
  textOf,
  type WebContent,
} from '../web-message.ts';

type Reader = (event: Json, id: string) => WebContent | null;

/** The file stands in `body` as base64 and is fetched by the message's id instead. */
const media =
  (type: WebContent['type'], more: Json = {}): Reader =>
  (event, id) => ({
    type,
    content: textOf(event.caption) ?? '',
    details: {
      media: {
        id,
        type: textOf(event.mimetype),
        sha256: textOf(event.filehash),
        fileName: textOf(event.filename),
        size: numberOfJson(event.size),
        ...more,
      },
    },
  });

const text: Reader = ({ body }) => ({ type: 'text', content: textOf(body) ?? '' });

/** Every known kind by `type`. */
const READERS: Partial<Record<string, Reader>> = {
  chat: text,
  image: media('image'),
  video: media('video'),
  ptt: media('audio', { voice: true }),
  audio: media('audio', { voice: false }),
  document: media('document'),
  sticker: media('sticker'),
  location(event) {
    const [latitude, longitude] = [numberOfJson(event.lat), numberOfJson(event.lng)];
    if (latitude === undefined || longitude === undefined) return null;
    const place = { name: textOf(event.loc), url: textOf(event.clientUrl) };
    return { type: 'location', content: '', details: { location: { latitude, longitude, ...place } } };
  },
  vcard: (event) => cards([event]),
  multi_vcard: ({ vcardList }) => cards(Array.isArray(vcardList) ? vcardList : []),
  buttons_response: ({ selectedButtonId, body }) => choiceOf(selectedButtonId, body),
  template_button_reply: ({ selectedId, body }) => choiceOf(selectedId, body),
  list_response({ listResponse, body }) {
    const { title, description, singleSelectReply } = objectOf(listResponse);
    return choiceOf(objectOf(singleSelectReply).selectedRowId, title ?? body, description);
  },
};

/** Reads a message; null for a kind that this version does not know. */
export function readContent(event: Json, id: string): WebContent | null {
  const type = textOf(event.type) ?? '';
  return (Object.hasOwn(READERS, type) ? READERS[type]!(event, id) : null) ?? null;
}

/** The event without the file's bytes. */
export function withoutFile(event: Json): Json {
  const { body, content, ...rest } = event;
  const isFile = event.mimetype !== undefined || event.isMedia === true || event.isMMS === true;
  return isFile || event.type === 'location' ? rest : { ...rest, body };
}

const cards = (given: unknown[]): WebContent =>
  contactsOf(
    given.filter(isObject).map((card) => ({
      name: card.vcardFormattedName || card.displayName,
      vcard: card.vcard || card.body,
    })),
  );
