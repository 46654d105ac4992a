import type { MessageDetails } from '@recado/contracts';
import { cleanText, fitDetails, fitMetadata, idOfContent } from '../../webhooks/clean.ts';
import { readableError } from '../errors.ts';
import type { GroupNews, SyncedMessage } from '../news.ts';
import { readAnswer } from '../own-server.ts';
import type { InboundMessage, InboundStatus, NumberNews, Webhook, WebhookContent } from '../provider.ts';
import {
  chatKind,
  groupOf,
  isBroadcastList,
  isObject,
  type Json,
  messageId,
  momentOf,
  nameOfEvent,
  numberNamed,
  objectOf,
  senderOf,
  textOf,
  timeOf,
  withoutBytes,
} from '../web-message.ts';
import { choicesByVoter, optionNames, type Vote, voteOf, withVoter } from '../web-vote.ts';
import { readContent, readUnwrapped } from './content.ts';
import { contextInfoOf, readContext } from './context.ts';
import { EVOLUTION_ERRORS } from './errors.ts';
import { readGroup, readMembership } from './groups.ts';
import { type Unwrapped, unwrap } from './unwrap.ts';

/** What one event tells, and the names of what was left out. */
interface News extends NumberNews {
  ignored: string[];
  synced: SyncedMessage[];
  groups: GroupNews[];
}

/** Of one webhook: Evolution sends most events one by one, and some dozens of others. */
const MAX_ITEMS = 5000;

/** Reads an event of the instance. Broadcasts, statuses and channels are left out by name. */
export function readWebhook({ body }: Webhook, now: Date, addressed: string | null): WebhookContent | null {
  const event = readAnswer(body);
  if (!isObject(event) || typeof event.event !== 'string') return null;
  const providerId = numberNamed(event.instance, addressed);
  const news: News = { providerId, messages: [], statuses: [], synced: [], groups: [], ignored: [] };
  // An update may come as one object or as a list.
  const items = (Array.isArray(event.data) ? event.data : [event.data]).map(objectOf);
  const name = event.event.toLowerCase().replaceAll('_', '.');
  if (items.length > MAX_ITEMS && !OTHER_EVENTS.has(name)) return null;
  const { date_time: at, sender: own } = event;
  for (const item of items) readItem(news, name, item, { now, at, own });
  const { ignored, ...told } = news;
  return { news: [told], ignored };
}

/** Messages as the server keeps them: those of `messages.upsert`, with their ticks. */
export function readRecords(records: readonly Json[], providerId: string, now: Date): WebhookContent {
  const news: News = { providerId, messages: [], statuses: [], synced: [], groups: [], ignored: [] };
  for (const record of records) {
    readMessage(news, record, now);
    const { id, fromMe } = objectOf(record.key);
    const ticks = Array.isArray(record.MessageUpdate) ? record.MessageUpdate.filter(isObject) : [];
    for (const { status } of ticks) readStatus(news, { keyId: id, fromMe, status }, now);
  }
  const { ignored, ...told } = news;
  return { news: [told], ignored };
}

/** `at`: when the server told it. `own`: the address of our number. */
interface Told {
  now: Date;
  at: unknown;
  own: unknown;
}

function readItem(news: News, name: string, item: Json, { now, at, own }: Told): void {
  // `send.message`: another program sent it through the same instance, or we did.
  if (name === 'messages.upsert' || name === 'send.message') readMessage(news, item, now);
  else if (name === 'call') readCall(news, item, now);
  else if (name === 'messages.update') readUpdate(news, item, now, at);
  else if (name === 'messages.edited') readUntoldEdit(news, item, now, own);
  else if (name === 'messages.delete') readDeletion(news, isObject(item.key) ? item.key : item, item, now);
  else if (Object.hasOwn(GROUP_READERS, name)) readGroupNews(news, GROUP_READERS[name]!(item, now));
  else if (CONNECTION_EVENTS.includes(name)) news.connectionChanged = true;
  else news.ignored.push(nameOfEvent(name, OTHER_EVENTS));
}

/** Events that tell nothing which is kept. */
const OTHER_EVENTS = new Set(
  `application.startup instance.create instance.delete messages.set send.message send.message.update contacts.set
  contacts.upsert contacts.update presence.update chats.set chats.upsert chats.update chats.delete labels.edit
  labels.association typebot.start typebot.change.status`.split(/\s+/),
);

const GROUP_READERS: Record<string, typeof readGroup> = {
  'groups.upsert': readGroup,
  'groups.update': readGroup,
  'group-participants.update': readMembership,
};

function readGroupNews(news: News, told: GroupNews | null): void {
  if (told) news.groups.push(told);
  else news.ignored.push('group');
}

const CONNECTION_EVENTS = [
  'connection.update',
  'qrcode.updated',
  'logout.instance',
  'status.instance',
  'remove.instance',
];

/** Of an album its images follow, as messages of their own. */
const NO_MESSAGES = ['albumMessage', 'messageHistoryBundle', 'messageHistoryNotice', 'stickerSyncRmrMessage'];

function readMessage(news: News, data: Json, now: Date): void {
  const message = objectOf(data.message);
  const inner = unwrap(message);
  const { kind } = inner;
  if (kind === 'protocolMessage')
    readProtocol(news, inner.part, now, { ...objectOf(data.key), pushName: data.pushName });
  else if (kind === 'secretEncryptedMessage' && EDITS.includes(inner.part.secretEncType as never))
    readSecretEdit(news, data, inner.part, now);
  else if (kind === 'pollUpdateMessage') readVotes(news, data, inner.part, now);
  else if (kind === null ? Object.keys(message).length > 0 : NO_MESSAGES.includes(kind)) {
    news.ignored.push(kind ?? 'companion');
  } else readWords(news, data, inner, now);
}

function readWords(news: News, data: Json, inner: Unwrapped, now: Date): void {
  const key = objectOf(data.key);
  const origin = originOf(news, key, data.pushName);
  if (!origin) return;
  const message = objectOf(data.message);
  const id = messageId(key.id) ?? idOfContent(data);
  const read = readUnwrapped(inner, id);
  const info = contextInfoOf(data, inner);
  const bare = withoutBytes(message) as Json;
  const details: MessageDetails = { ...read?.details, ...readContext(info), ...origin.group };
  const beside = isObject(data.contextInfo) ? { contextInfo: withoutBytes(data.contextInfo) } : {};
  // Plain texts have nothing else to keep.
  if (!('conversation' in bare) || Object.keys({ ...bare, ...beside }).length > 1) details.raw = { ...bare, ...beside };
  if (!read) details.unsupported = { kind: inner.kind ?? textOf(data.messageType) ?? 'unknown' };
  const metadata = read ? null : fitMetadata(withoutBytes(data) as Json);
  add(news, origin, {
    providerMessageId: id,
    type: read?.type ?? 'unsupported',
    content: cleanText(read?.content ?? findText(message) ?? ''),
    ...fitDetails(Object.keys(details).length > 0 ? details : null, metadata),
    replyToProviderMessageId: read?.about ?? details.context?.quoted?.providerMessageId ?? null,
    sentTime: timeOf(data.messageTimestamp, now),
  });
}

/** Who wrote where. */
interface Origin {
  /** The customer, or who spoke in a group; null for a group's message of ours. */
  peer: InboundMessage['from'] | null;
  group: Pick<MessageDetails, 'group'>;
  fromMe: boolean;
}

/** Null for what is neither a private chat nor a group; it is named as left out. */
function originOf(news: News, key: Json, name: unknown): Origin | null {
  const fromMe = key.fromMe === true;
  const speaker = [key.participant, key.participantAlt, key.participantPn];
  // Sent to many at once, it stands in the private chat of its writer.
  const isToMany = !fromMe && isBroadcastList(key.remoteJid);
  const kind = isToMany ? 'private' : chatKind(key.remoteJid);
  const addresses = kind === 'group' || isToMany ? speaker : [key.remoteJid, key.remoteJidAlt, key.senderPn];
  // Of a message of ours the name is our own.
  const person = kind === 'broadcast' ? null : senderOf(addresses, fromMe ? null : name);
  const peer = fromMe && kind === 'group' ? null : person;
  if (kind === 'broadcast' || (peer === null && !(fromMe && kind === 'group'))) {
    news.ignored.push(kind === 'private' || kind === 'group' ? 'no_sender' : kind);
    return null;
  }
  return { peer, group: groupOf(key.remoteJid), fromMe };
}

/** A message of the customer, or one that was typed on the phone. */
function add(news: News, { peer, fromMe }: Origin, message: Omit<InboundMessage, 'from'>): void {
  if (!fromMe) news.messages.push({ ...message, from: peer! });
  else news.synced.push({ ...message, direction: 'outbound', peer, status: 'sent', origin: 'phone' });
}

/** Calls that rang in vain; one that rings or was taken is told on the phone itself. */
function readCall(news: News, data: Json, now: Date): void {
  const status = textOf(data.status) ?? '';
  const from = senderOf([data.from, data.chatId, data.callerPn], null);
  if (!['timeout', 'reject', 'terminate', 'missed'].includes(status) || data.isGroup === true || !from) {
    news.ignored.push('call');
    return;
  }
  const id = messageId(data.id) ?? idOfContent(data);
  const call = { id, missed: status !== 'terminate', video: data.isVideo === true };
  news.messages.push({
    providerMessageId: `call:${id}`,
    from,
    ...{ type: 'system', content: '', metadata: null, details: { call }, replyToProviderMessageId: null },
    sentTime: dateOf(data.date, now),
  });
}

function dateOf(value: unknown, now: Date): string {
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return timeOf(Number.isNaN(time) ? value : time / 1000, now);
}

const EDIT = [14, 'MESSAGE_EDIT'];
const REVOKE = [0, 'REVOKE'];
const LIFETIME = [3, 'EPHEMERAL_SETTING'];

/**
 * The phone's own protocol message: an edit with its new content, a deletion, or how long messages
 * stay. `outer` tells who wrote it where; the keys inside are the writer's own words.
 */
function readProtocol(news: News, protocol: Json, now: Date, outer: Json): void {
  const { type } = protocol;
  if (REVOKE.includes(type as never)) readDeletion(news, { ...outer, id: objectOf(protocol.key).id }, protocol, now);
  else if (EDIT.includes(type as never)) readEdit(news, protocol, now, outer);
  else if (LIFETIME.includes(type as never)) readLifetime(news, protocol, outer, now);
  else news.ignored.push('protocol');
}

/**
 * `outer`: the key of the edit itself. `once` tells two edits to the same words apart.
 * @param untold the server did not tell who made it
 */
function readEdit(
  news: News,
  data: Json,
  now: Date,
  outer: Json,
  once: unknown = null,
  untold: NonNullable<MessageDetails['change']>['untold'] = undefined,
): void {
  const target = messageId(objectOf(data.key).id);
  if (target === null) {
    news.ignored.push('no_target');
    return;
  }
  const edited = objectOf(data.editedMessage);
  const read = readContent(edited, target);
  const raw = withoutBytes(edited) as Json;
  addChange(news, outer, { kind: 'edited', providerMessageId: target, ...(untold && { untold }) }, (group) => ({
    providerMessageId: idOfContent({ edited: target, by: placeOf(outer), data, once }),
    type: read?.type ?? 'unsupported',
    content: cleanText(read?.content ?? findText(edited) ?? ''),
    ...fitDetails({ ...read?.details, ...group, raw }, null),
    replyToProviderMessageId: null,
    sentTime: momentOf(data.timestampMs) ?? now.toISOString(),
  }));
}

/**
 * All that 2.3 tells of an edit. Its key is of the writer's phone, to which our number is the chat.
 */
function readUntoldEdit(news: News, data: Json, now: Date, own: unknown): void {
  const key = objectOf(data.key);
  const kind = chatKind(key.remoteJid);
  // Everyone in a group knows the ids of its messages.
  if (!EDIT.includes(data.type as never) || kind !== 'private') {
    news.ignored.push(kind === 'private' ? 'protocol' : 'no_author');
    return;
  }
  const isCustomers = userOf(key.remoteJid) === userOf(own);
  readEdit(news, data, now, key, null, isCustomers ? 'customer' : 'either');
}

const userOf = (jid: unknown): string => textOf(jid)?.split(/[@:]/, 1)[0] ?? '';

/** What a `secretEncryptedMessage` may be besides an edit is not told to people. */
const EDITS = [undefined, null, 1, 'EVENT_EDIT', 2, 'MESSAGE_EDIT'];

/** An edit that is encrypted for phones alone. */
function readSecretEdit(news: News, data: Json, part: Json, now: Date): void {
  const [key, target] = [objectOf(data.key), messageId(objectOf(part.targetMessageKey).id)];
  if (target === null) {
    news.ignored.push('no_target');
    return;
  }
  addChange(news, key, { kind: 'edited', providerMessageId: target, unreadable: true }, (group) => ({
    providerMessageId: messageId(key.id) ?? idOfContent({ edited: target, data }),
    type: 'system',
    content: '',
    metadata: null,
    details: group,
    replyToProviderMessageId: null,
    sentTime: timeOf(data.messageTimestamp, now),
  }));
}

/** A deletion of one chat has one id: a stranger's does not take the place of the writer's. */
function readDeletion(news: News, key: Json, data: Json, now: Date): void {
  const target = messageId(key.id);
  if (target === null) {
    news.ignored.push('no_target');
    return;
  }
  const raw = withoutBytes(data) as Json;
  addChange(news, key, { kind: 'deleted', providerMessageId: target }, (group) => ({
    providerMessageId: idOfContent({ deleted: target, by: placeOf(key) }),
    type: 'system',
    content: '',
    ...fitDetails({ ...group, raw }, null),
    replyToProviderMessageId: null,
    sentTime: now.toISOString(),
  }));
}

const placeOf = ({ remoteJid, fromMe, participant }: Json) => [remoteJid, fromMe === true, participant || null];

const UNTOLD: Origin = { peer: null, group: {}, fromMe: true };

/** Adds a change as its maker's: `key` is of the server, or who made it was not told. */
function addChange(
  news: News,
  key: Json,
  change: NonNullable<MessageDetails['change']>,
  make: (group: Origin['group']) => Omit<InboundMessage, 'from'>,
): void {
  const origin = change.untold ? UNTOLD : originOf(news, key, null);
  if (!origin) return;
  const message = make(origin.group);
  add(news, origin, { ...message, details: { ...message.details, change } });
}

function readLifetime(news: News, protocol: Json, key: Json, now: Date): void {
  const origin = originOf(news, key, key.pushName);
  if (!origin) return;
  const raw = withoutBytes(protocol) as Json;
  add(news, origin, {
    providerMessageId: messageId(key.id) ?? idOfContent(protocol),
    type: 'system',
    content: '',
    ...fitDetails({ system: { kind: 'message_lifetime_changed' }, ...origin.group, raw }, null),
    replyToProviderMessageId: null,
    sentTime: momentOf(protocol.ephemeralSettingTimestamp) ?? now.toISOString(),
  });
}

/** An edit, a tick of our own message, or all votes of a poll as they now are. */
function readUpdate(news: News, item: Json, now: Date, at: unknown): void {
  const edit = objectOf(objectOf(item.message).editedMessage);
  if (isObject(edit.message)) {
    readEdit(news, { key: { id: item.keyId }, editedMessage: edit.message }, now, item, at);
    return;
  }
  const poll = messageId(item.keyId);
  if (!Array.isArray(item.pollUpdates) || item.pollUpdates.length === 0 || poll === null) {
    readStatus(news, item, now);
    return;
  }
  for (const [voter, names] of choicesByVoter(item.pollUpdates)) {
    // Our own vote has no address.
    const origin = voter.includes('@') ? originOf(news, { remoteJid: item.remoteJid, participant: voter }, null) : null;
    // The same vote comes with those of others again: one that changes nothing is dropped later.
    if (origin) addVote(news, origin, voteOf(poll, voter, names, now.toISOString(), now.getTime()));
  }
}

/** One vote. WhatsApp encrypts it: servers that cannot read it tell no names. */
function readVotes(news: News, data: Json, part: Json, now: Date): void {
  const key = objectOf(data.key);
  const poll = messageId(objectOf(part.pollCreationMessageKey).id);
  const selected = objectOf(part.vote).selectedOptions;
  const origin = poll === null || !Array.isArray(selected) ? null : originOf(news, key, data.pushName);
  if (poll === null || !origin) news.ignored.push('vote');
  else {
    const vote = voteOf(poll, key.id, optionNames(selected), timeOf(data.messageTimestamp, now));
    const voter = [key.participant, key.remoteJid].find((one) => typeof one === 'string' && one !== '');
    addVote(news, origin, withVoter(vote, voter));
  }
}

const addVote = (news: News, origin: Origin, vote: Vote): void =>
  add(news, origin, { ...vote, details: { ...vote.details, ...origin.group } });

const STATUSES: Partial<Record<string, InboundStatus['status']>> = {
  SERVER_ACK: 'sent',
  DELIVERY_ACK: 'delivered',
  READ: 'read',
  PLAYED: 'read',
  ERROR: 'failed',
};

/**
 * A tick of our own message. `DELETED` and an edit's `SERVER_ACK` are how Evolution names what it
 * has no word for. Its time is local and labelled UTC, so the time of arrival counts.
 */
function readStatus(news: News, item: Json, now: Date): void {
  const id = messageId(item.keyId);
  const named = textOf(item.status) ?? '';
  const status = Object.hasOwn(STATUSES, named) ? STATUSES[named] : undefined;
  if (!status || id === null || item.fromMe !== true || isObject(item.message)) {
    news.ignored.push('status');
    return;
  }
  const error = status === 'failed' ? readableError(EVOLUTION_ERRORS, 'delivery_error', null) : null;
  const details = named === 'PLAYED' ? { played: true } : null;
  news.statuses.push({ messageId: null, providerMessageId: id, status, at: now.toISOString(), error, details });
}

/** Fields that may hold an unknown kind's words, the likeliest first. */
const WORDS = ['text', 'caption', 'title', 'name', 'description', 'body', 'displayName', 'conversation'];

function findText(part: unknown, depth = 0): string | null {
  if (!isObject(part) || depth > 3) return null;
  for (const word of WORDS) if (textOf(part[word])) return textOf(part[word])!;
  for (const value of Object.values(part)) {
    const found = findText(value, depth + 1);
    if (found !== null) return found;
  }
  return null;
}
