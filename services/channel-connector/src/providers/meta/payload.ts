import type { ProviderError } from '@recado/contracts';
import { cleanId, fitDetails, idOfContent } from '../../webhooks/clean.ts';
import { readableError } from '../errors.ts';
import type { AccountNews, InboundMessage, InboundStatus, NumberNews, WebhookContent } from '../provider.ts';
import { errorsOf } from './details.ts';
import { META_ERRORS } from './errors.ts';
import { Fields, isObject, type Json } from './fields.ts';
import { readMessageBody } from './message.ts';
import { readOtherField } from './other-fields.ts';
import { isPayment, readPayment } from './payments.ts';
import { errorReports, readReport } from './reports.ts';
import { readSender, withSender } from './sender.ts';
import { addChange, isTemplateField, readTemplateChange } from './template-news.ts';

/**
 * Messages, statuses and the like of one webhook: 3 MB hold no more of those that Meta sends. Small
 * ones without end would hold the process.
 */
const MAX_ITEMS = 10_000;

/** Whether a webhook holds more items than any of Meta's. */
export function holdsTooMuch(payload: unknown): boolean {
  let items = 0;
  for (const entry of list(isObject(payload) ? payload.entry : null).filter(isObject)) {
    for (const change of list(entry.changes).filter(isObject)) {
      const value = isObject(change.value) ? change.value : {};
      const lists = Object.entries(value).filter(([key]) => key !== 'contacts');
      const threads = list(value.history).flatMap((chunk) => list(isObject(chunk) ? chunk.threads : null));
      items += 1 + lists.reduce((sum, [, one]) => sum + list(one).length, 0);
      for (const thread of threads) items += list(isObject(thread) ? thread.messages : null).length;
      if (items > MAX_ITEMS) return true;
    }
  }
  return false;
}

/**
 * Splits a webhook into its changes, messages and statuses. Never throws: an unknown kind or shape
 * is kept as `unsupported`, so each element of `messages[]` gives one message.
 * @param now replaces times that are missing or absurd
 * @param addressed the number of the path, for changes that do not name theirs
 */
export function readMetaPayload(payload: unknown, now: Date, addressed: string | null = null): WebhookContent {
  const out: WebhookContent = { news: [], ignored: [] };
  const accounts = new Map<string, AccountNews>();
  for (const entry of list(isObject(payload) ? payload.entry : null).filter(isObject)) {
    for (const change of list(entry.changes).filter(isObject)) {
      const value = isObject(change.value) ? change.value : {};
      const field = fieldOf(change.field, value);
      if (isTemplateField(field)) readTemplate(out, accounts, entry, field, value, now);
      else readField(out, entry, field, value, now, addressed);
    }
  }
  return accounts.size > 0 ? { ...out, accounts: [...accounts.values()] } : out;
}

/** What a change is about, also when it does not say so. */
function fieldOf(field: unknown, value: Json): string {
  if (typeof field === 'string' && field !== '') return field;
  return Array.isArray(value.messages) || Array.isArray(value.statuses) ? 'messages' : '';
}

function readTemplate(
  out: WebhookContent,
  accounts: Map<string, AccountNews>,
  entry: Json,
  field: string,
  value: Json,
  now: Date,
): void {
  const account = numericId(entry.id);
  const at = new Fields(entry).time('time', now.getTime() + DAY) ?? null;
  const told = readTemplateChange(field, value, at);
  if (account && told) addChange(accounts, account, told);
  else out.ignored.push('template');
}

function readField(
  out: WebhookContent,
  entry: Json,
  field: string,
  value: Json,
  now: Date,
  addressed: string | null,
): void {
  const account = numericId(entry.id);
  const isMessages = field === 'messages';
  const phoneNumberId = phoneNumberIdOf(value) ?? (isMessages ? addressed : null);
  const other = phoneNumberId === null ? null : readOtherField(field, value, now, out.ignored);
  const told = other ? null : readReport(field, value, timeOf(entry, now));
  if (phoneNumberId !== null && other) {
    out.news.push({ messages: [], statuses: [], ...other, providerId: phoneNumberId });
  } else if (told && phoneNumberId !== null) {
    out.news.push({ providerId: phoneNumberId, messages: [], statuses: [], reports: [told.report] });
  } else if (told) {
    out.reports ??= [];
    out.reports.push({ accountId: account, ...told });
  } else if (isMessages && phoneNumberId !== null) {
    const news = readChange(phoneNumberId, value, now, out.ignored);
    out.news.push(account ? { ...news, accountId: account } : news);
  } else out.ignored.push(isMessages ? 'no_number' : 'field');
}

function readChange(phoneNumberId: string, value: Json, now: Date, ignored: string[]): NumberNews {
  const contacts = list(value.contacts).filter(isObject);
  const statuses: InboundStatus[] = [];
  const payments: InboundMessage[] = [];
  for (const item of list(value.statuses)) {
    if (isObject(item) && isPayment(item)) {
      payments.push(readPayment(item, contacts, now));
      continue;
    }
    const status = isObject(item) ? readStatus(item, now) : null;
    if (status) statuses.push(status);
    else ignored.push('status');
  }
  const items = list(value.messages).map((item) => (isObject(item) ? item : { type: 'unsupported', value: item }));
  // Why Meta could not tell more of it stands beside the message.
  const [only] = items;
  if (only && items.length === 1 && !only.errors && Array.isArray(value.errors)) {
    items[0] = { ...only, errors: value.errors };
  }
  const messages = [...items.map((item) => readMessage(item, contacts, now)), ...payments];
  const errors = items.length === 0 ? errorsOf(new Fields({ errors: value.errors })) : undefined;
  const reports = errors && errorReports(errors, now.toISOString());
  return { providerId: phoneNumberId, messages, statuses, ...(reports && { reports }) };
}

function readMessage(given: Json, contacts: Json[], now: Date): InboundMessage {
  const source = withSender(given);
  const item = new Fields(source);
  const id = item.id('id');
  const providerMessageId = id ? cleanId(id) : idOfContent(source);
  const { from, contact } = readSender(item, contacts, providerMessageId);
  const sentTime = item.timestamp(now);
  const { about, ...body } = readMessageBody(source, item, contact);
  return {
    providerMessageId,
    from,
    ...body,
    replyToProviderMessageId: about ?? body.details?.context?.quoted?.providerMessageId ?? null,
    sentTime,
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

function readStatus(source: Json, now: Date): InboundStatus | null {
  const item = new Fields(source);
  const named = item.string('status') ?? '';
  const status = Object.hasOwn(STATUSES, named) ? STATUSES[named] : undefined;
  const id = item.string('id') || null;
  const callback = item.string('biz_opaque_callback_data')?.toLowerCase() ?? '';
  const messageId = UUID.test(callback) ? callback : null;
  if (!status || (!id && !messageId)) return null;
  const at = item.timestamp(now);
  const details = readStatusDetails(item, named === 'played');
  return {
    messageId,
    providerMessageId: id && cleanId(id),
    status,
    at,
    error: status === 'failed' ? readStatusError(details?.errors) : null,
    details,
  };
}

function readStatusDetails(item: Fields, played: boolean): NonNullable<InboundStatus['details']> | null {
  item.skip('recipient_id'); // we know whom we wrote to
  const participant = participantOf(item);
  const pricing = item.object('pricing');
  const conversation = item.object('conversation');
  const errors = errorsOf(item);
  const details: InboundStatus['details'] = {
    ...(pricing && {
      pricing: {
        billable: pricing.boolean('billable'),
        model: pricing.string('pricing_model'),
        type: pricing.string('type'),
        category: pricing.string('category'),
      },
    }),
    ...(conversation && {
      conversation: {
        id: conversation.id('id'),
        origin: conversation.object('origin')?.string('type'),
        expiresAt: conversation.time('expiration_timestamp'),
      },
    }),
    ...(errors && { errors }),
    ...(played && { played }),
    ...(participant && { participant }),
  };
  const raw = item.rest();
  if (Object.keys(details).length === 0 && !raw) return null;
  return fitDetails(raw ? { ...details, raw } : details, null).details;
}

/** Whose receipt it is, in a group: there each of its people gives one. */
function participantOf(item: Fields) {
  const [waId, userId] = [item.id('recipient_participant_id'), item.id('recipient_participant_user_id')];
  if (!waId && !userId) return undefined;
  return { ...(waId && { waId: cleanId(waId) }), ...(userId && { userId: cleanId(userId) }) };
}

function readStatusError(errors: readonly ProviderError[] = []): { code: string; message: string } {
  const { code, title, message, details } = errors[0] ?? {};
  const known = code !== undefined && /^-?\d+$/.test(code.trim());
  return readableError(META_ERRORS, known ? String(Number(code)) : null, details ?? message ?? title ?? null);
}

const phoneNumberIdOf = ({ metadata }: Json): string | null =>
  numericId(isObject(metadata) ? metadata.phone_number_id : null);

function numericId(id: unknown): string | null {
  if (typeof id === 'string' && /^\d{1,32}$/.test(id)) return id;
  return typeof id === 'number' && Number.isSafeInteger(id) && id > 0 ? String(id) : null;
}

/** The time of an entry, in seconds. */
const timeOf = (entry: Json, now: Date): string =>
  new Fields(entry).time('time', now.getTime() + DAY) ?? now.toISOString();

const DAY = 24 * 3600 * 1000;

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
