import type { MessageDetails } from '@recado/contracts';
import { cleanText, fitDetails, fitMetadata, idOfContent } from '../../webhooks/clean.ts';
import { readableError } from '../errors.ts';
import { readAnswer } from '../own-server.ts';
import type { InboundMessage, InboundStatus, NumberNews, Webhook, WebhookContent } from '../provider.ts';
import {
  chatKind,
  isObject,
  type Json,
  messageId,
  objectOf,
  senderOf,
  textOf,
  timeOf,
  withoutBytes,
} from '../web-message.ts';
import { readContent, readContext } from './content.ts';
import { EVOLUTION_ERRORS } from './errors.ts';

/** What one event tells, and the names of what was left out. */
interface News extends NumberNews {
  ignored: string[];
}

/**
 * Reads an event of the instance. Groups and broadcasts are left out by name: the model has no
 * place for them yet, and a group's message must never look like a private one.
 */
export function readWebhook({ body }: Webhook, now: Date, addressed: string | null): WebhookContent | null {
  const event = readAnswer(body);
  if (!isObject(event) || typeof event.event !== 'string') return null;
  const instance = textOf(event.instance) ?? '';
  const providerId = addressed?.startsWith(`${instance}@`) ? addressed : instance;
  const news: News = { providerId, messages: [], statuses: [], ignored: [] };
  // An update may come as one object or as a list.
  const items = (Array.isArray(event.data) ? event.data : [event.data]).map(objectOf);
  for (const item of items) readItem(news, event.event.toLowerCase().replaceAll('_', '.'), item, now);
  const { ignored, ...told } = news;
  return { news: [told], ignored };
}

function readItem(news: News, name: string, item: Json, now: Date): void {
  if (name === 'messages.upsert') readMessage(news, item, now);
  else if (name === 'messages.update') readStatus(news, item, now);
  else if (name === 'messages.edited') readEdit(news, item, now);
  else if (name === 'messages.delete') readDeletion(news, item, item, now);
  else if (CONNECTION_EVENTS.includes(name)) news.connectionChanged = true;
  else news.ignored.push(cleanText(name, 40));
}

const CONNECTION_EVENTS = [
  'connection.update',
  'qrcode.updated',
  'logout.instance',
  'status.instance',
  'remove.instance',
];

function readMessage(news: News, data: Json, now: Date): void {
  const key = objectOf(data.key);
  if (key.fromMe === true) {
    news.ignored.push('echo');
    return;
  }
  const from = readSender(news, key, data.pushName);
  if (!from) return;
  const message = objectOf(data.message);
  const id = messageId(key.id) ?? idOfContent(data);
  const read = readContent(message, id);
  const bare = withoutBytes(message) as Json;
  const details: MessageDetails = { ...read?.details, ...readContext(data, message) };
  // Plain texts have nothing else to keep.
  if (!('conversation' in bare) || Object.keys(bare).length > 1) details.raw = bare;
  if (!read) details.unsupported = { kind: textOf(data.messageType) ?? Object.keys(message)[0] ?? 'unknown' };
  const metadata = read ? null : fitMetadata(withoutBytes(data) as Json);
  news.messages.push({
    providerMessageId: id,
    from,
    type: read?.type ?? 'unsupported',
    content: cleanText(read?.content ?? findText(message) ?? ''),
    ...fitDetails(Object.keys(details).length > 0 ? details : null, metadata),
    replyToProviderMessageId: read?.about ?? details.context?.quoted?.providerMessageId ?? null,
    sentTime: timeOf(data.messageTimestamp, now),
  });
}

/** Null for chats that are not private; they are named as left out. */
function readSender(news: News, key: Json, name: unknown): InboundMessage['from'] | null {
  const kind = chatKind(key.remoteJid);
  const from = kind === 'private' ? senderOf([key.remoteJid, key.remoteJidAlt, key.senderPn], name) : null;
  if (!from) news.ignored.push(kind === 'private' ? 'no_sender' : kind);
  return from;
}

const EDIT = 14;
const REVOKE = 0;

/** The phone's own protocol message: an edit with its new content, or a deletion. */
function readEdit(news: News, data: Json, now: Date): void {
  if (data.type === REVOKE || data.type === 'REVOKE') {
    readDeletion(news, objectOf(data.key), data, now);
    return;
  }
  if (data.type !== EDIT && data.type !== 'MESSAGE_EDIT') {
    news.ignored.push('protocol');
    return;
  }
  const key = objectOf(data.key);
  const target = messageId(key.id);
  if (key.fromMe === true || target === null) {
    news.ignored.push('echo');
    return;
  }
  const from = readSender(news, key, null);
  if (!from) return;
  const edited = objectOf(data.editedMessage);
  const read = readContent(edited, target);
  const change = { kind: 'edited' as const, providerMessageId: target };
  const { details, metadata } = fitDetails({ ...read?.details, change, raw: withoutBytes(edited) as Json }, null);
  news.messages.push({
    providerMessageId: idOfContent({ edited: target, data }),
    from,
    type: read?.type ?? 'unsupported',
    content: cleanText(read?.content ?? findText(edited) ?? ''),
    details,
    metadata,
    replyToProviderMessageId: null,
    sentTime: now.toISOString(),
  });
}

/** A deletion is told twice; its id makes both one. */
function readDeletion(news: News, key: Json, data: Json, now: Date): void {
  const target = messageId(key.id);
  if (key.fromMe === true || target === null) {
    news.ignored.push('echo');
    return;
  }
  const from = readSender(news, key, null);
  if (!from) return;
  const raw = withoutBytes(data) as Json;
  news.messages.push({
    providerMessageId: idOfContent({ deleted: target }),
    from,
    type: 'system',
    content: '',
    ...fitDetails({ change: { kind: 'deleted' as const, providerMessageId: target }, raw }, null),
    replyToProviderMessageId: null,
    sentTime: now.toISOString(),
  });
}

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
