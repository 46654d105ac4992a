import { cleanId, cleanText, idOfContent } from '../../webhooks/clean.ts';
import { readableError } from '../errors.ts';
import type { InboundMessage, InboundStatus, NumberNews, WebhookContent } from '../provider.ts';
import { META_ERRORS } from './errors.ts';
import { isObject, readMessageBody, string } from './message.ts';

type Json = Record<string, unknown>;

/**
 * Splits a webhook into its changes, messages and statuses. Never throws: an unknown kind or shape
 * is kept as `unsupported`, so each element of `messages[]` gives one message.
 * @param now replaces times that are missing or absurd
 */
export function readMetaPayload(payload: unknown, now: Date): WebhookContent {
  const out: WebhookContent = { news: [], ignored: [] };
  for (const entry of list(isObject(payload) ? payload.entry : null)) {
    for (const change of list(isObject(entry) ? entry.changes : null)) {
      if (!isObject(change)) continue;
      const value = isObject(change.value) ? change.value : {};
      const phoneNumberId = phoneNumberIdOf(value);
      if (change.field !== 'messages' || phoneNumberId === null) {
        out.ignored.push(change.field === 'messages' ? 'no_number' : 'field');
        continue;
      }
      out.news.push(readChange(phoneNumberId, value, now, out.ignored));
    }
  }
  return out;
}

function readChange(phoneNumberId: string, value: Json, now: Date, ignored: string[]): NumberNews {
  const contacts = list(value.contacts).filter(isObject);
  const statuses: InboundStatus[] = [];
  for (const item of list(value.statuses)) {
    const status = isObject(item) ? readStatus(item, now) : null;
    if (status) statuses.push(status);
    else ignored.push('status');
  }
  const messages = list(value.messages).map((item) =>
    readMessage(isObject(item) ? item : { type: 'unsupported', value: item }, contacts, now),
  );
  return { providerId: phoneNumberId, messages, statuses };
}

function readMessage(item: Json, contacts: Json[], now: Date): InboundMessage {
  const { type, content, metadata, about } = readMessageBody(item);
  const context = isObject(item.context) ? item.context : {};
  const id = string(item.id);
  const repliedTo = about ?? string(context.id);
  return {
    providerMessageId: id ? cleanId(id) : idOfContent(item),
    from: readSender(item, contacts),
    type,
    content,
    metadata,
    replyToProviderMessageId: repliedTo ? cleanId(repliedTo) : null,
    sentTime: readTime(item.timestamp, now),
  };
}

/**
 * The sender. If a customer hides the phone, `from` and `wa_id` are absent and the business-scoped
 * user id names them. Without any, the user id is `unknown`, so no message is lost.
 */
function readSender(item: Json, contacts: Json[]): InboundMessage['from'] {
  const from = string(item.from) || null;
  const fromUser = string(item.from_user_id) || null;
  const contact =
    contacts.find((one) => (from !== null && one.wa_id === from) || (fromUser !== null && one.user_id === fromUser)) ??
    // Brazil's ninth digit makes `from` and `wa_id` differ; alone in the change it can only be the
    // sender.
    (contacts.length === 1 ? contacts[0] : undefined);
  const waId = from ?? (string(contact?.wa_id) || null);
  const userId = fromUser ?? (string(contact?.user_id) || null);
  const profile = isObject(contact?.profile) ? contact.profile : {};
  const name = string(profile.name) || string(profile.username);
  return {
    waId: waId && cleanId(waId),
    phone: waId && /^[1-9]\d{6,14}$/.test(waId) ? `+${waId}` : null,
    userId: userId ? cleanId(userId) : waId ? null : 'unknown',
    name: name ? cleanText(name, 200) : null,
  };
}

const STATUSES: Record<string, InboundStatus['status']> = {
  sent: 'sent',
  delivered: 'delivered',
  read: 'read',
  // A voice message listened to: at least as much as read.
  played: 'read',
  failed: 'failed',
};
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

function readStatus(item: Json, now: Date): InboundStatus | null {
  const named = string(item.status) ?? '';
  const status = Object.hasOwn(STATUSES, named) ? STATUSES[named] : undefined;
  const id = string(item.id) || null;
  const callback = string(item.biz_opaque_callback_data)?.toLowerCase() ?? '';
  const messageId = UUID.test(callback) ? callback : null;
  if (!status || (!id && !messageId)) return null;
  return {
    messageId,
    providerMessageId: id && cleanId(id),
    status,
    at: readTime(item.timestamp, now),
    error: status === 'failed' ? readStatusError(item.errors) : null,
  };
}

function readStatusError(errors: unknown): { code: string; message: string } {
  const error = list(errors).find(isObject) ?? {};
  const data = isObject(error.error_data) ? error.error_data : {};
  const code = typeof error.code === 'number' || typeof error.code === 'string' ? Number(error.code) : Number.NaN;
  const said = string(data.details) ?? string(error.message) ?? string(error.title);
  return readableError(META_ERRORS, Number.isInteger(code) ? String(code) : null, said);
}

function phoneNumberIdOf(value: Json): string | null {
  const id = isObject(value.metadata) ? value.metadata.phone_number_id : null;
  if (typeof id === 'string' && /^\d{1,32}$/.test(id)) return id;
  return typeof id === 'number' && Number.isSafeInteger(id) && id > 0 ? String(id) : null;
}

/** 2009, when WhatsApp began: earlier is a broken clock, not a message. */
const EARLIEST = Date.UTC(2009, 0, 1);
const DAY = 24 * 3600 * 1000;

/**
 * Meta's times are Unix seconds as text. Anything missing or absurd, also from the future, is now.
 */
function readTime(timestamp: unknown, now: Date): string {
  const seconds = typeof timestamp === 'string' && timestamp !== '' ? Number(timestamp) : timestamp;
  if (typeof seconds !== 'number') return now.toISOString();
  const time = seconds * 1000;
  const plausible = time >= EARLIEST && time <= now.getTime() + DAY;
  return plausible ? new Date(time).toISOString() : now.toISOString();
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
