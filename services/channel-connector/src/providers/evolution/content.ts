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
import { buttons, interactive, list, parsed, template } from '../web-offers.ts';
import { order } from '../web-things.ts';
import {
  callLog,
  channelInvite,
  event,
  groupInvite,
  invoice,
  notice,
  payment,
  plannedCall,
  poll,
  pollResult,
  product,
} from './things.ts';
import { type Unwrapped, unwrap } from './unwrap.ts';

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
      seconds: numberOfJson(part.seconds),
      ...more(part),
    };
    const content = textOf(part.caption) ?? (type === 'document' ? file.fileName : undefined) ?? '';
    return { type, content, details: { media: file } };
  };

const location =
  (live: boolean): Reader =>
  (part) => {
    const [latitude, longitude] = [numberOfJson(part.degreesLatitude), numberOfJson(part.degreesLongitude)];
    if (latitude === undefined || longitude === undefined) return null;
    const [name, address] = [textOf(part.name), textOf(part.address)];
    const place = { name, address, url: textOf(part.url), ...((live || part.isLive === true) && { live: true }) };
    const content = textOf(part.caption) ?? textOf(part.comment) ?? [name, address].filter(Boolean).join(', ');
    return { type: 'location', content, details: { location: { latitude, longitude, ...place } } };
  };

const cards = (given: unknown[]): WebContent =>
  contactsOf(given.filter(isObject).map(({ displayName: name, vcard }) => ({ name, vcard })));

const text: Reader = (part) => ({ type: 'text', content: textOf(part.text) ?? '' });

const reaction: Reader = (part) => {
  const id = messageId(objectOf(part.key).id);
  if (id === null) return null;
  const emoji = textOf(part.text) ?? null;
  const details = { reaction: { providerMessageId: id, emoji } };
  return { type: 'reaction', content: emoji ?? '', details, about: id };
};

/** An answer to buttons of a flow: one that was chosen, or a form that was filled in. */
const flowReply: Reader = (part) => {
  const { name, paramsJson } = objectOf(part.nativeFlowResponseMessage);
  const [said, answers] = [textOf(objectOf(part.body).text), parsed(paramsJson)];
  const id = textOf(answers.id);
  if (id !== undefined) return choiceOf(id, said ?? answers.title, answers.description);
  const form = { name: textOf(name), text: said, answers };
  return { type: 'interactive', content: said ?? '', details: { form } };
};

/** A comment on a post: it holds a message of its own. */
const comment: Reader = (part, id) => {
  const read = readUnwrapped(unwrap(objectOf(part.message)), id);
  const about = messageId(objectOf(part.targetMessageKey).id);
  return read && { ...read, ...(about !== null && { about }) };
};

/** Every known kind of `message` by its name. */
const READERS: Partial<Record<string, Reader>> = {
  extendedTextMessage: text,
  imageMessage: media('image'),
  videoMessage: media('video', ({ gifPlayback }) => (gifPlayback === true ? { animated: true } : {})),
  ptvMessage: media('video'),
  audioMessage: media('audio', ({ ptt }) => ({ voice: ptt === true })),
  documentMessage: media('document'),
  stickerMessage: media('sticker', ({ isAnimated, isLottie }) => ({
    animated: isAnimated === true || isLottie === true,
  })),
  locationMessage: location(false),
  liveLocationMessage: location(true),
  contactMessage: (part) => cards([part]),
  contactsArrayMessage: ({ contacts }) => cards(Array.isArray(contacts) ? contacts : []),
  reactionMessage: reaction,
  buttonsMessage: buttons,
  listMessage: list,
  templateMessage: template,
  interactiveMessage: interactive,
  highlyStructuredMessage: ({ hydratedHsm }) => (isObject(hydratedHsm) ? template(hydratedHsm) : null),
  buttonsResponseMessage: (part) => choiceOf(part.selectedButtonId, part.selectedDisplayText),
  templateButtonReplyMessage: (part) => choiceOf(part.selectedId, part.selectedDisplayText),
  listResponseMessage: (part) => choiceOf(objectOf(part.singleSelectReply).selectedRowId, part.title, part.description),
  interactiveResponseMessage: flowReply,
  pollCreationMessage: poll,
  pollCreationMessageV2: poll,
  pollCreationMessageV3: poll,
  pollCreationMessageV5: poll,
  pollResultSnapshotMessage: pollResult,
  pollResultSnapshotMessageV3: pollResult,
  eventMessage: event,
  scheduledCallCreationMessage: plannedCall,
  productMessage: product,
  orderMessage: order,
  groupInviteMessage: groupInvite,
  newsletterAdminInviteMessage: channelInvite,
  newsletterFollowerInviteMessageV2: channelInvite,
  requestPaymentMessage: payment('requested'),
  sendPaymentMessage: payment('sent'),
  declinePaymentRequestMessage: payment('declined'),
  cancelPaymentRequestMessage: payment('canceled'),
  invoiceMessage: invoice,
  callLogMesssage: callLog,
  commentMessage: comment,
  questionResponseMessage: text,
  pinInChatMessage: notice('pinned', 'key'),
  keepInChatMessage: notice('kept', 'key'),
  secretEncryptedMessage: notice('encrypted_change', 'targetMessageKey'),
  encReactionMessage: notice('encrypted_reaction', 'targetMessageKey'),
  encEventResponseMessage: notice('encrypted_answer', 'eventCreationMessageKey'),
  requestPhoneNumberMessage: () => ({ type: 'system', content: '', details: { system: { kind: 'phone_requested' } } }),
};

/** Reads `message`; null for a kind that this version does not know. */
export const readContent = (message: Json, id: string): WebContent | null => readUnwrapped(unwrap(message), id);

export function readUnwrapped({ message, kind, part, viewOnce }: Unwrapped, id: string): WebContent | null {
  if (kind === 'conversation') return { type: 'text', content: textOf(message.conversation) ?? '' };
  const reader = kind !== null && Object.hasOwn(READERS, kind) ? READERS[kind] : undefined;
  const read = reader ? reader(part, id) : null;
  if (!viewOnce || !read?.details?.media) return read;
  return { ...read, details: { ...read.details, media: { ...read.details.media, viewOnce } } };
}

/** Bytes come as base64, or as an object of numbers. */
function sha256Of(value: unknown): string | undefined {
  if (typeof value === 'string') return textOf(value);
  if (!isObject(value)) return undefined;
  const bytes = Object.values(value);
  const isDigest = bytes.length === 32 && bytes.every((byte) => typeof byte === 'number');
  return isDigest ? Buffer.from(bytes).toString('base64') : undefined;
}
