import type { MessageDetails } from '@recado/contracts';
import { cleanText, fitDetails, fitMetadata, idOfContent } from '../../webhooks/clean.ts';
import { readableError } from '../errors.ts';
import { readAnswer } from '../own-server.ts';
import type { InboundMessage, InboundStatus, NumberNews, Webhook, WebhookContent } from '../provider.ts';
import {
  chatKind,
  isObject,
  type Json,
  numberOfJson,
  objectOf,
  senderOf,
  textOf,
  timeOf,
  withoutBytes,
} from '../web-message.ts';
import { pairingCodeOf } from './connection.ts';
import { readContent, withoutFile } from './content.ts';
import { WPPCONNECT_ERRORS } from './errors.ts';
import { bareId, isOurs } from './ids.ts';

/** What one event tells, and the names of what was left out. */
interface News extends NumberNews {
  ignored: string[];
}

/** Reads an event of the session. Groups and broadcasts are left out by name, as for Evolution. */
export function readWebhook({ body }: Webhook, now: Date, addressed: string | null): WebhookContent | null {
  const event = readAnswer(body);
  if (!isObject(event) || typeof event.event !== 'string') return null;
  const session = textOf(event.session) ?? '';
  const providerId = addressed?.startsWith(`${session}@`) ? addressed : session;
  const news: News = { providerId, messages: [], statuses: [], ignored: [] };
  readEvent(news, event.event, event, now);
  const { ignored, ...told } = news;
  return { news: [told], ignored };
}

const CONNECTION_EVENTS = ['qrcode', 'status-find', 'closesession', 'logoutsession'];

function readEvent(news: News, name: string, event: Json, now: Date): void {
  if (name === 'onmessage' || name === 'unreadmessages') readMessage(news, event, now);
  else if (name === 'onack') readAck(news, event, now);
  else if (name === 'onreactionmessage') readReaction(news, event, now);
  else if (name === 'onrevokedmessage') readDeletion(news, event, now);
  else if (name === 'phoneCode') readPairingCode(news, event);
  else if (CONNECTION_EVENTS.includes(name)) news.connectionChanged = true;
  else news.ignored.push(cleanText(name, 40));
}

/** No route of the server shows it. */
function readPairingCode(news: News, { phoneCode }: Json): void {
  const code = pairingCodeOf(phoneCode);
  if (code) news.code = code;
  else news.ignored.push('phoneCode');
}

function readMessage(news: News, event: Json, now: Date): void {
  if (event.fromMe === true) {
    news.ignored.push('echo');
    return;
  }
  const sender = objectOf(event.sender);
  const kind = event.isGroupMsg === true ? 'group' : chatKind(event.from);
  const from = senderFor(news, kind, [event.from, sender.id], textOf(event.notifyName) ?? sender.pushname);
  if (!from) return;
  const id = bareId(event.id) ?? idOfContent(event);
  const read = readContent(event, id);
  const quoted = bareId(event.quotedStanzaID) ?? bareId(event.quotedMsgId);
  const details: MessageDetails = { ...read?.details };
  if (quoted !== null || event.isForwarded === true) {
    details.context = {
      ...(quoted === null ? {} : { quoted: { providerMessageId: quoted } }),
      ...(event.isForwarded === true ? { forwarded: true } : {}),
    };
  }
  const bare = withoutBytes(withoutFile(event)) as Json;
  if (!read) details.unsupported = { kind: textOf(event.type) ?? 'unknown' };
  const metadata = read ? null : fitMetadata(bare);
  if (read && read.type !== 'text') details.raw = bare;
  news.messages.push({
    providerMessageId: id,
    from,
    type: read?.type ?? 'unsupported',
    content: cleanText(read?.content ?? textOf(bare.body) ?? ''),
    ...fitDetails(Object.keys(details).length > 0 ? details : null, metadata),
    replyToProviderMessageId: quoted,
    sentTime: timeOf(event.t ?? event.timestamp, now),
  });
}

function senderFor(
  news: News,
  kind: ReturnType<typeof chatKind>,
  addresses: unknown[],
  name: unknown,
): InboundMessage['from'] | null {
  const from = kind === 'private' ? senderOf(addresses, name) : null;
  if (!from) news.ignored.push(kind === 'private' ? 'no_sender' : kind);
  return from;
}

/** `id` names the reaction and its chat, `msgId` the message it is about. */
function readReaction(news: News, event: Json, now: Date): void {
  const key = objectOf(event.id);
  const target = bareId(event.msgId);
  if (isOurs(key) || target === null) {
    news.ignored.push('echo');
    return;
  }
  const from = senderFor(news, chatKind(key.remote), [key.remote, key.participant], null);
  if (!from) return;
  const emoji = textOf(event.reactionText) ?? null;
  const details: MessageDetails = { reaction: { providerMessageId: target, emoji } };
  news.messages.push({
    // An emoji that replaces another comes under the same id.
    providerMessageId: idOfContent({ reaction: bareId(key), target, emoji, at: event.timestamp }),
    from,
    type: 'reaction',
    content: cleanText(emoji ?? ''),
    ...fitDetails(details, null),
    replyToProviderMessageId: target,
    sentTime: timeOf(event.timestamp, now),
  });
}

function readDeletion(news: News, event: Json, now: Date): void {
  const target = bareId(event.refId);
  if (isOurs(event.refId) || target === null) {
    news.ignored.push('echo');
    return;
  }
  const from = senderFor(news, chatKind(event.from), [event.from, event.author], null);
  if (!from) return;
  const details: MessageDetails = { change: { kind: 'deleted', providerMessageId: target } };
  news.messages.push({
    providerMessageId: idOfContent({ deleted: target }),
    from,
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
