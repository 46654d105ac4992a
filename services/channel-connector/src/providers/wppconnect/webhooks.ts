import type { MessageDetails } from '@recado/contracts';
import { cleanText, fitDetails, fitMetadata, idOfContent } from '../../webhooks/clean.ts';
import { readableError } from '../errors.ts';
import type { GroupNews, SyncedMessage } from '../news.ts';
import { readAnswer } from '../own-server.ts';
import type { InboundMessage, InboundStatus, NumberNews, Webhook, WebhookContent } from '../provider.ts';
import {
  addressIn,
  chatKind,
  groupOf,
  isBroadcastList,
  isObject,
  type Json,
  momentOf,
  nameOfEvent,
  numberNamed,
  numberOfJson,
  objectOf,
  senderOf,
  textOf,
  timeOf,
  withoutBytes,
} from '../web-message.ts';
import { optionNames, voteOf } from '../web-vote.ts';
import { pairingCodeOf } from './connection.ts';
import { readContent, restOf, withoutFile, wordsOf } from './content.ts';
import { readContext } from './context.ts';
import { WPPCONNECT_ERRORS } from './errors.ts';
import { readMembership } from './groups.ts';
import { bareId, isOurs } from './ids.ts';

/** What one event tells, and the names of what was left out. */
interface News extends NumberNews {
  ignored: string[];
  synced: SyncedMessage[];
  groups: GroupNews[];
}

/** Reads an event of the session. Broadcasts are left out by name, as for Evolution. */
export function readWebhook({ body }: Webhook, now: Date, addressed: string | null): WebhookContent | null {
  const event = readAnswer(body);
  if (!isObject(event) || typeof event.event !== 'string') return null;
  const providerId = numberNamed(event.session, addressed);
  const news: News = { providerId, messages: [], statuses: [], synced: [], groups: [], ignored: [] };
  readEvent(news, event.event, event, now);
  const { ignored, ...told } = news;
  return { news: [told], ignored };
}

/** Messages as the phone shows them: those of `onmessage`, with their ticks. */
export function readRecords(records: readonly Json[], providerId: string, now: Date): WebhookContent {
  const news: News = { providerId, messages: [], statuses: [], synced: [], groups: [], ignored: [] };
  for (const record of records) {
    readMessage(news, record, now);
    if (record.fromMe === true) readAck(news, record, now);
  }
  const { ignored, ...told } = news;
  return { news: [told], ignored };
}

const MESSAGE_EVENTS = ['onmessage', 'onanymessage', 'onselfmessage', 'unreadmessages'];
const CONNECTION_EVENTS = ['qrcode', 'status-find', 'closesession', 'logoutsession'];

function readEvent(news: News, name: string, event: Json, now: Date): void {
  if (MESSAGE_EVENTS.includes(name)) readMessage(news, event, now);
  else if (name === 'incomingcall') readCall(news, event, now);
  else if (name === 'onack') readAck(news, event, now);
  else if (name === 'onreactionmessage') readReaction(news, event, now);
  else if (name === 'onrevokedmessage') readDeletion(news, event, now);
  else if (name === 'onparticipantschanged') readParticipants(news, event, now);
  else if (name === 'onpollresponse') readVote(news, event, now);
  else if (name === 'phoneCode') readPairingCode(news, event);
  else if (CONNECTION_EVENTS.includes(name)) news.connectionChanged = true;
  else news.ignored.push(nameOfEvent(name, OTHER_EVENTS));
}

/** Events that tell nothing which is kept. */
const OTHER_EVENTS = new Set('onpresencechanged onupdatelabel location'.split(' '));

function readParticipants(news: News, event: Json, now: Date): void {
  const told = readMembership(event, now);
  if (told) news.groups.push(told);
  else news.ignored.push('group');
}

/** No route of the server shows it. */
function readPairingCode(news: News, { phoneCode }: Json): void {
  const code = pairingCodeOf(phoneCode);
  if (code) news.code = code;
  else news.ignored.push('phoneCode');
}

function readMessage(news: News, event: Json, now: Date): void {
  const type = textOf(event.type) ?? '';
  if (NO_MESSAGES.has(type)) {
    news.ignored.push(type);
    return;
  }
  const origin = originOf(news, placeOf(event));
  if (!origin) return;
  const id = bareId(event.id) ?? idOfContent(event);
  const read = readContent(event, textOf(event.id) ?? id);
  const context = readContext(event);
  const details: MessageDetails = { ...read?.details, ...context, ...origin.group };
  const raw = restOf(event);
  if (raw) details.raw = raw;
  if (!read) details.unsupported = { kind: type || 'unknown' };
  const metadata = read ? null : fitMetadata(withoutBytes(withoutFile(event)) as Json);
  add(news, origin, {
    providerMessageId: id,
    type: read?.type ?? 'unsupported',
    content: cleanText(read?.content ?? wordsOf(event)),
    ...fitDetails(Object.keys(details).length > 0 ? details : null, metadata),
    replyToProviderMessageId: read?.about ?? context.context?.quoted?.providerMessageId ?? null,
    sentTime: timeOf(event.t ?? event.timestamp, now),
  });
}

/**
 * Kinds that are no messages. A `ciphertext` comes again, under the same id, once it can be read.
 * Of an album its images follow.
 */
const NO_MESSAGES = new Set(['ciphertext', 'protocol', 'revoked', 'call_log', 'album', 'debug', 'reaction_enc']);

function placeOf(event: Json): Place {
  const sender = objectOf(event.sender);
  const fromMe = event.fromMe === true;
  // Of a message of ours `from` is our own phone.
  const chat = event.chatId ?? (fromMe ? event.to : event.from);
  const name = textOf(event.notifyName) ?? sender.pushname;
  return { chat, author: [event.author, sender.id], name, fromMe, isGroup: event.isGroupMsg === true };
}

/** Who wrote where. */
interface Origin {
  /** The customer, or who spoke in a group; null for a group's message of ours. */
  peer: InboundMessage['from'] | null;
  group: Pick<MessageDetails, 'group'>;
  fromMe: boolean;
}

interface Place {
  chat: unknown;
  /** Who spoke, where the chat is of many. */
  author: unknown[];
  name?: unknown;
  fromMe: boolean;
  isGroup?: boolean;
}

/** Null for what is neither a private chat nor a group; it is named as left out. */
function originOf(news: News, { chat: given, author: authors, name, fromMe, isGroup }: Place): Origin | null {
  const [chat, author] = [addressIn(given), authors.map(addressIn)];
  // Sent to many at once, it stands in the private chat of its writer.
  const isToMany = !fromMe && isBroadcastList(chat);
  const kind = isGroup ? 'group' : isToMany ? 'private' : chatKind(chat);
  const addresses = kind === 'group' || isToMany ? author : [chat, ...(fromMe ? [] : author)];
  const person = kind === 'broadcast' ? null : senderOf(addresses, fromMe ? null : name);
  const isOurs = fromMe && kind === 'group';
  const group = kind === 'group' ? groupOf(chat) : {};
  if (kind === 'broadcast' || (person === null && !isOurs) || (kind === 'group' && !('group' in group))) {
    news.ignored.push(kind === 'broadcast' ? kind : 'no_sender');
    return null;
  }
  return { peer: isOurs ? null : person, group, fromMe };
}

/** A message of the customer, or one that was typed on the phone. */
function add(news: News, { peer, fromMe }: Origin, message: Omit<InboundMessage, 'from'>): void {
  if (!fromMe) news.messages.push({ ...message, from: peer! });
  else news.synced.push({ ...message, direction: 'outbound', peer, status: 'sent', origin: 'phone' });
}

/** WPPConnect tells that a phone rings, and never how it ended: it counts as missed here. */
function readCall(news: News, event: Json, now: Date): void {
  const from = senderOf([event.peerJid, event.from].map(addressIn), null);
  if (!from || event.isGroup === true) {
    news.ignored.push('call');
    return;
  }
  const id = bareId(event.id) ?? idOfContent(event);
  const details = { call: { id, missed: true, video: event.isVideo === true } };
  news.messages.push({
    providerMessageId: `call:${id}`,
    from,
    ...{ type: 'system', content: '', metadata: null, details, replyToProviderMessageId: null },
    sentTime: timeOf(event.offerTime, now),
  });
}

/** `id` names the reaction and its chat, `msgId` the message it is about. */
function readReaction(news: News, event: Json, now: Date): void {
  const key = objectOf(event.id);
  const target = bareId(event.msgId);
  if (target === null) news.ignored.push('no_target');
  const place = { chat: key.remote, author: [key.participant, event.sender], fromMe: isOurs(key) };
  const origin = target === null ? null : originOf(news, place);
  if (target === null || !origin) return;
  const emoji = textOf(event.reactionText) ?? null;
  const details: MessageDetails = { reaction: { providerMessageId: target, emoji }, ...origin.group };
  add(news, origin, {
    // An emoji that replaces another comes under the same id.
    providerMessageId: idOfContent({ reaction: bareId(key), target, emoji, at: event.timestamp }),
    type: 'reaction',
    content: cleanText(emoji ?? ''),
    ...fitDetails(details, null),
    replyToProviderMessageId: target,
    sentTime: timeOf(event.timestamp, now),
  });
}

/** What a person chose in a poll of this chat. */
function readVote(news: News, event: Json, now: Date): void {
  const poll = bareId(event.msgId);
  const key = objectOf(event.msgId);
  const place = { chat: event.chatId ?? key.remote, author: [event.sender], fromMe: false };
  const origin = poll === null ? null : originOf(news, place);
  if (poll === null || !origin) {
    news.ignored.push('vote');
    return;
  }
  const at = momentOf(event.timestamp) ?? now.toISOString();
  const vote = voteOf(poll, addressIn(event.sender), optionNames(event.selectedOptions), at, event.timestamp);
  add(news, origin, { ...vote, details: { ...vote.details, ...origin.group } });
}

function readDeletion(news: News, event: Json, now: Date): void {
  const target = bareId(event.refId);
  if (target === null) news.ignored.push('no_target');
  // `refId` is what the writer's phone says; `id` is the deletion's own.
  const key = objectOf(event.id);
  const fromMe = isOurs(event.id);
  const chat = addressIn(key.remote) ?? (fromMe ? (event.to ?? event.from) : event.from);
  const place = { chat, author: [event.author, key.participant], fromMe };
  const origin = target === null ? null : originOf(news, place);
  if (target === null || !origin) return;
  const details: MessageDetails = { change: { kind: 'deleted', providerMessageId: target }, ...origin.group };
  add(news, origin, {
    providerMessageId: idOfContent({ deleted: target, by: [addressIn(chat), fromMe, addressIn(event.author)] }),
    type: 'system',
    content: '',
    ...fitDetails(details, null),
    replyToProviderMessageId: null,
    sentTime: now.toISOString(),
  });
}

const PLAYED = 4;
/** Below 0 failed, 0 is a clock, then sent, received, read and played. */
const ACKS: readonly (InboundStatus['status'] | null)[] = [null, 'sent', 'delivered', 'read', 'read'];

function readAck(news: News, event: Json, now: Date): void {
  const id = bareId(event.id);
  const ack = numberOfJson(event.ack);
  const status = ack === undefined ? null : ack < 0 ? 'failed' : (ACKS[ack] ?? null);
  if (id === null || status === null || !isOurs(event.id)) {
    news.ignored.push('status');
    return;
  }
  const error = status === 'failed' ? readableError(WPPCONNECT_ERRORS, 'delivery_error', null) : null;
  const details = ack === PLAYED ? { played: true } : null;
  news.statuses.push({ messageId: null, providerMessageId: id, status, at: now.toISOString(), error, details });
}
