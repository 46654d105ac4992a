import {
  choiceOf,
  contactsOf,
  isObject,
  type Json,
  numberOfJson,
  objectOf,
  textOf,
  type WebContent,
  withoutBytes,
} from '../web-message.ts';
import { hydratedButton, interactive, list, offer, parsed } from '../web-offers.ts';
import { order } from '../web-things.ts';
import { event as calendarEvent, groupInvite, payment, poll, product } from './things.ts';

type Reader = (event: Json, id: string) => WebContent | null;

/** The file stands in `body` as base64 and is fetched by the message's whole id instead. */
const media =
  (type: WebContent['type'], more: (event: Json) => Json = () => ({})): Reader =>
  (event, id) => {
    const fileName = textOf(event.filename);
    const file = {
      id,
      type: textOf(event.mimetype),
      sha256: textOf(event.filehash),
      fileName,
      size: numberOfJson(event.size),
      seconds: numberOfJson(event.duration),
      ...(event.isViewOnce === true && { viewOnce: true }),
      ...more(event),
    };
    const content = textOf(event.caption) ?? (type === 'document' ? fileName : undefined) ?? '';
    return { type, content, details: { media: file } };
  };

const text: Reader = ({ body }) => ({ type: 'text', content: textOf(body) ?? '' });

/** `loc` holds the name and, in the next line, the address. */
const location: Reader = (event) => {
  const [latitude, longitude] = [numberOfJson(event.lat), numberOfJson(event.lng)];
  if (latitude === undefined || longitude === undefined) return null;
  const [name, ...address] = (textOf(event.loc) ?? '').split('\n').filter(Boolean);
  const place = { name, address: address.join(', ') || undefined, url: textOf(event.clientUrl) };
  const content = textOf(event.comment) ?? [name, ...address].filter(Boolean).join(', ');
  const live = event.isLive === true && { live: true };
  return { type: 'location', content, details: { location: { latitude, longitude, ...place, ...live } } };
};

/** A business's message, as the customer's phone fills it in. */
const template: Reader = ({ title, caption, body, footer, hydratedButtons }) =>
  offer([title, caption, body, footer], objects(hydratedButtons).map(hydratedButton));

const flow: Reader = ({ interactiveMessage, interactivePayload, body, footer }) =>
  interactive({
    body: { text: body },
    footer: { text: footer },
    ...objectOf(interactiveMessage),
    nativeFlowMessage: objectOf(interactiveMessage).nativeFlowMessage ?? interactivePayload,
  });

/** An answer to buttons of a flow: one that was chosen, or a form that was filled in. */
const flowReply: Reader = ({ body, nativeFlowName, interactivePayload, paramsJson }) => {
  const answers = parsed(paramsJson ?? objectOf(interactivePayload).paramsJson);
  const said = textOf(body);
  if (textOf(answers.id) !== undefined) return choiceOf(answers.id, said ?? answers.title, answers.description);
  return {
    type: 'interactive',
    content: said ?? '',
    details: { form: { name: textOf(nativeFlowName), text: said, answers } },
  };
};

const notice =
  (kind?: string): Reader =>
  ({ subtype, type }) => ({
    type: 'system',
    content: '',
    details: { system: { kind: kind ?? textOf(subtype) ?? textOf(type) } },
  });

/** Every known kind by `type`. */
const READERS: Partial<Record<string, Reader>> = {
  chat: text,
  image: media('image'),
  video: media('video', ({ isGif }) => (isGif === true ? { animated: true } : {})),
  ptv: media('video'),
  ptt: media('audio', () => ({ voice: true })),
  audio: media('audio', () => ({ voice: false })),
  document: media('document'),
  sticker: media('sticker', ({ isAnimated }) => (typeof isAnimated === 'boolean' ? { animated: isAnimated } : {})),
  location,
  vcard: (event) => cards([event]),
  multi_vcard: ({ vcardList }) => cards(Array.isArray(vcardList) ? vcardList : []),
  buttons_response: ({ selectedButtonId, body }) => choiceOf(selectedButtonId, body),
  template_button_reply: ({ selectedId, body }) => choiceOf(selectedId, body),
  list_response({ listResponse, body }) {
    const { title, description, singleSelectReply } = objectOf(listResponse);
    return choiceOf(objectOf(singleSelectReply).selectedRowId, title ?? body, description);
  },
  interactive_response: flowReply,
  native_flow_response: flowReply,
  list: ({ list: given, body, footer }) => list({ description: body, footerText: footer, ...objectOf(given) }),
  buttons: ({ title, body, footer, dynamicReplyButtons }) =>
    offer([title, body, footer], objects(dynamicReplyButtons).map(replyButton)),
  hsm: template,
  template,
  interactive: flow,
  native_flow: flow,
  product,
  order,
  payment,
  groups_v4_invite: groupInvite,
  poll_creation: poll,
  event_creation: calendarEvent,
  pinned_message: notice('pinned'),
  notification: notice(),
  notification_template: notice(),
  group_notification: notice(),
  broadcast_notification: notice(),
  gp2: notice(),
  e2e_notification: notice(),
};

const objects = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isObject) : []);
const replyButton = ({ buttonId, buttonText }: Json) => ({
  id: textOf(buttonId),
  title: textOf(objectOf(buttonText).displayText),
});

/** Reads a message; null for a kind that this version does not know. */
export function readContent(event: Json, id: string): WebContent | null {
  const type = textOf(event.type) ?? '';
  const reader = Object.hasOwn(READERS, type) ? READERS[type] : undefined;
  const read = reader?.(event, id) ?? null;
  // Choices also hang on texts and files.
  const isWithChoices = read?.type === 'text' && !read.details;
  const choices = isWithChoices
    ? [...objects(event.hydratedButtons).map(hydratedButton), ...objects(event.dynamicReplyButtons).map(replyButton)]
    : [];
  return read && choices.length > 0 ? { ...read, details: { choices } } : read;
}

/** Fields that may hold an unknown kind's words, the likeliest first. */
const WORDS = ['body', 'caption', 'title', 'description', 'pollName', 'eventName', 'footer'];
const isFile = ({ mimetype, isMedia, isMMS }: Json) => mimetype !== undefined || isMedia === true || isMMS === true;

export const wordsOf = (event: Json): string =>
  WORDS.filter((key) => key !== 'body' || !isFile(event)).flatMap((key) => textOf(event[key]) ?? [])[0] ?? '';

/** The event without the file's bytes. */
export function withoutFile(event: Json): Json {
  const { body, content, ...rest } = event;
  return isFile(event) || event.type === 'location' ? rest : { ...rest, body };
}

/** Fields that are kept elsewhere, or that tell of the program and not of the message. */
const KNOWN = new Set(
  `event session id body content type t timestamp from to author self ack sender notifyName chatId chat fromMe isGroupMsg
  viewed invis isNewMsg star kicNotified recvFresh interactiveAnnotations isForwarded forwardingScore hasReaction
  mentionedJidList quotedMsg quotedMsgObj quotedMsgId quotedStanzaID quotedParticipant caption mimetype filename filehash
  size duration lat lng loc isMedia isMMS isNotification isPSA mediaData ctwaContext vcardFormattedName vcardList
  clientUrl deprecatedMms3Url directPath uploadhash encFilehash lastSeen isLink from_me isLive comment isViewOnce`.split(
    /\s+/,
  ),
);

/** What no reader of this version knows; undefined when there is nothing. */
export function restOf(event: Json): Json | undefined {
  const rest = Object.entries(withoutBytes(event) as Json).filter(
    ([key, value]) => !KNOWN.has(key) && value !== null && value !== false && value !== '' && !isEmptyList(value),
  );
  return rest.length > 0 ? Object.fromEntries(rest) : undefined;
}

const isEmptyList = (value: unknown): boolean => Array.isArray(value) && value.length === 0;

const cards = (given: unknown[]): WebContent =>
  contactsOf(
    given.filter(isObject).map((card) => ({
      name: card.vcardFormattedName || card.displayName,
      vcard: card.vcard || card.body,
    })),
  );
