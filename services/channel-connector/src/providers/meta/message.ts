import type { EventData, MessageDetails, messageReceived } from '@recado/contracts';
import { cleanId, cleanText, fitDetails, fitMetadata, parseForeignJson } from '../../webhooks/clean.ts';
import { contactsOf, contextOf, errorsOf, identityOf, orderOf, referralOf, systemOf } from './details.ts';
import { type Fields, isObject, type Json } from './fields.ts';
import { metadataOf } from './metadata.ts';

type MessageType = EventData<typeof messageReceived>['type'];

/** What a message says and carries, apart from who sent it when. */
export interface MessageBody {
  type: MessageType;
  /** The customer's words; empty for kinds without. */
  content: string;
  metadata: Json | null;
  details: MessageDetails | null;
  /** Set by kinds that are about another message (reactions). */
  about: string | null;
}

interface Words {
  /** When it is not the kind's own name. */
  type?: MessageType;
  content: string;
  details?: MessageDetails;
}

/** Reads the object that a kind's name holds; null when it is not as documented. */
type Reader = (part: Fields) => Words | null;

/** Every known inbound kind of the Cloud API by `type`. All others become `unsupported`. */
const READERS: Partial<Record<string, Reader>> = {
  text: (text) => {
    const content = text.id('body');
    return content === undefined ? null : { content };
  },
  image: readMedia,
  video: readMedia,
  audio: readMedia,
  // The name of the On-Premises API.
  voice: (part) => {
    const { content, details } = readMedia(part);
    return { type: 'audio', content, details: { media: { ...details?.media, voice: true } } };
  },
  document: readMedia,
  sticker: readMedia,
  location: readLocation,
  reaction: (reaction) => {
    const id = reaction.string('message_id');
    if (id === undefined) return null;
    // No emoji takes the reaction back.
    const emoji = reaction.string('emoji') || null;
    const details = { reaction: { providerMessageId: cleanId(id), emoji } };
    return { content: emoji ?? '', details };
  },
  button: (button) => {
    const [title, id] = [button.string('text'), button.id('payload')];
    const content = title ?? id;
    return content === undefined ? null : { content, details: { choice: { id, title } } };
  },
  interactive: readInteractive,
  order: (order) => ({ content: order.string('text') ?? '', details: { order: orderOf(order) } }),
  system: (system) => ({ content: system.string('body') ?? '', details: { system: systemOf(system) } }),
  edit: (edit) => {
    const id = edit.string('original_message_id');
    const inner = edit.object('message');
    const words = inner && readKind(inner, inner.string('type') ?? '');
    if (id === undefined || !words || words.details?.change) return null;
    const change = { kind: 'edited' as const, providerMessageId: cleanId(id) };
    return { ...words, details: { ...words.details, change } };
  },
  revoke: (revoke) => {
    const id = revoke.string('original_message_id');
    if (id === undefined) return null;
    const change = { kind: 'deleted' as const, providerMessageId: cleanId(id) };
    return { type: 'system', content: '', details: { change } };
  },
};

/**
 * Reads one element of `messages[]`. Never throws: what is not understood is `unsupported`, with
 * the whole item as metadata.
 * @param item reads `source`. What the caller read of it is not kept again.
 * @param contact reads the sender's entry. Its rest is kept as well.
 */
export function readMessageBody(source: Json, item: Fields, contact: Fields | undefined): MessageBody {
  const kind = item.string('type') || kindOfParts(source);
  const words = readKind(item, kind);
  const details: MessageDetails = { ...words?.details };
  const context = item.object('context');
  if (context) details.context = contextOf(context);
  const referral = item.object('referral');
  if (referral) details.referral = referralOf(referral);
  const identity = item.object('identity');
  if (identity) details.identity = identityOf(identity);
  const groupId = item.id('group_id');
  if (groupId) details.group = { id: cleanId(groupId) };
  const errors = errorsOf(item);
  if (errors) details.errors = errors;
  const contactRest = contact?.rest();
  if (!words) {
    details.unsupported = { kind: item.object('unsupported')?.string('type') ?? kind };
    if (contactRest) details.raw = { contact: contactRest };
    return { ...unsupported(source, kind, details), about: null };
  }
  const rest = item.rest();
  if (rest || contactRest) details.raw = contactRest ? { ...rest, contact: contactRest } : rest;
  return {
    type: words.type ?? (kind as MessageType),
    content: cleanText(words.content),
    ...fitDetails(isEmpty(details) ? null : details, metadataOf(source, kind)),
    about: details.reaction?.providerMessageId ?? null,
  };
}

/** The kind of an item that names none, by the part that it has. */
const kindOfParts = (source: Json): string =>
  [...Object.keys(READERS), 'contacts'].find((kind) => typeof source[kind] === 'object' && source[kind] !== null) ?? '';

function readKind(item: Fields, kind: string): Words | null {
  if (kind === 'contacts') return readContacts(item);
  // It has no part of its own: the customer opened the chat for the first time.
  if (kind === 'request_welcome') {
    return { type: 'system', content: '', details: { system: { kind } } };
  }
  const reader = Object.hasOwn(READERS, kind) ? READERS[kind] : undefined;
  const part = reader && item.object(kind);
  const words = part ? reader(part) : null;
  return words && { type: kind as MessageType, ...words };
}

function readMedia(part: Fields): Words {
  const media = mediaOf(part);
  return { content: part.string('caption') || media.fileName || '', details: { media } };
}

export const mediaOf = (media: Fields): NonNullable<MessageDetails['media']> => ({
  id: media.id('id'),
  url: media.string('url'),
  type: media.string('mime_type'),
  sha256: media.string('sha256'),
  fileName: media.string('filename'),
  size: media.number('file_size'),
  voice: media.boolean('voice'),
  animated: media.boolean('animated'),
});

function readLocation(place: Fields): Words | null {
  const latitude = place.number('latitude');
  const longitude = place.number('longitude');
  if (latitude === undefined || longitude === undefined) return null;
  const name = place.string('name');
  const address = place.string('address');
  const location = { latitude, longitude, name, address, url: place.string('url') };
  return { content: [name, address].filter(Boolean).join(', '), details: { location } };
}

function readContacts(item: Fields): Words | null {
  const cards = item.objects('contacts');
  if (!cards) return null;
  const contacts = contactsOf(cards);
  const names = contacts.map(({ name, firstName }) => name ?? firstName);
  return {
    type: 'contacts',
    content: cleanText(names.filter(Boolean).join(', '), 1000),
    details: { contacts },
  };
}

/** The answers to interactive messages. */
const REPLIES = ['list_reply', 'button_reply', 'nfm_reply', 'call_permission_reply'];

function readInteractive(interactive: Fields): Words | null {
  const named = interactive.string('type') || REPLIES.find((one) => isObject(interactive.peek(one)));
  const kind = named ?? '';
  const part = interactive.object(kind);
  if (!part) return null;
  switch (kind) {
    case 'list_reply':
    case 'button_reply': {
      const choice = { id: part.id('id'), title: part.string('title'), description: part.string('description') };
      const content = choice.title ?? choice.id;
      return content === undefined ? null : { content, details: { choice } };
    }
    case 'nfm_reply': {
      const text = part.string('body');
      const form = { name: part.string('name'), text, answers: answersOf(part) };
      // WhatsApp itself writes this word.
      return { content: text === 'Sent' ? '' : (text ?? ''), details: { form } };
    }
    case 'call_permission_reply': {
      const answer = part.string('response');
      if (answer === undefined) return null;
      const [permanent, expiresAt] = [part.boolean('is_permanent'), part.time('expiration_timestamp')];
      const callPermission = { answer, permanent, expiresAt, source: part.string('response_source') };
      return { content: '', details: { callPermission } };
    }
    default:
      return null;
  }
}

/** What was filled in, by field. A text that is no JSON object stays unread. */
function answersOf(reply: Fields): Json | undefined {
  const json = reply.peek('response_json');
  if (typeof json !== 'string') return undefined;
  try {
    const answers = parseForeignJson(json);
    if (!isObject(answers)) return undefined;
    reply.skip('response_json');
    return answers;
  } catch {
    return undefined;
  }
}

function unsupported(item: Json, kind: string, details: MessageDetails): Omit<MessageBody, 'about'> {
  const content = findText(Object.hasOwn(item, kind) ? item[kind] : null) ?? findText(item) ?? '';
  const metadata = fitMetadata(item);
  return { type: 'unsupported', content: cleanText(content), ...fitDetails(details, metadata) };
}

/** Fields that may hold an unknown kind's words, the likeliest first. */
const WORDS = [
  'body',
  'text',
  'caption',
  'question',
  'title',
  'headline',
  'subject',
  'name',
  'description',
  'summary',
  'label',
  'note',
  'comment',
  'message',
  'content',
];

/** The words of a kind that this version does not know. */
function findText(part: unknown, depth = 0): string | null {
  if (typeof part === 'string') return part.trim() === '' ? null : part;
  if (depth > 2 || !isObject(part)) return null;
  for (const key of WORDS) {
    const found = Object.hasOwn(part, key) ? findText(part[key], depth + 1) : null;
    if (found !== null) return found;
  }
  // An interactive reply holds its words under its own kind's name.
  return typeof part.type === 'string' && Object.hasOwn(part, part.type) && part.type !== 'type'
    ? findText(part[part.type], depth + 1)
    : null;
}

function isEmpty(details: MessageDetails): boolean {
  for (const _key in details) return false;
  return true;
}
