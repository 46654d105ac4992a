import { cleanId, cleanText, idOfContent } from '../../webhooks/clean.ts';
import type { ContactNews, MoreNews, SyncedMessage } from '../news.ts';
import type { InboundMessage } from '../provider.ts';
import { readCalls } from './calls.ts';
import { errorsOf } from './details.ts';
import { Fields, isObject, type Json } from './fields.ts';
import { readGroups } from './groups.ts';
import { readMessageBody } from './message.ts';
import { peerOf, personOf, readSender, wordOf } from './sender.ts';

/** What a change of another field than `messages` tells of a number. */
export interface OtherNews extends MoreNews {
  messages?: InboundMessage[];
}

type Reader = (value: Json, now: Date, ignored: string[]) => OtherNews;

const DAY = 24 * 3600 * 1000;
/** Files of history come again by themselves for so long; a placeholder stands for older ones. */
const FILES_MS = 14 * DAY;

/** The fields of a number, besides its messages, that this version reads. */
const READERS: Partial<Record<string, Reader>> = {
  smb_message_echoes: readEchoes,
  message_echoes: readEchoes,
  history: readHistory,
  smb_app_state_sync: readAddressBook,
  user_preferences: readPreferences,
  user_id_update: readNewIds,
  calls: readCalls,
  group_settings_update: readGroupNews,
  group_participants_update: readGroupNews,
  group_lifecycle_update: readGroupNews,
};

/** Null for a field that no reader knows. */
export function readOtherField(field: unknown, value: Json, now: Date, ignored: string[]): OtherNews | null {
  const reader = typeof field === 'string' && Object.hasOwn(READERS, field) ? READERS[field] : undefined;
  return reader ? reader(value, now, ignored) : null;
}

function readGroupNews(value: Json, now: Date, ignored: string[]): OtherNews {
  return { groups: readGroups(value, now, ignored) };
}

const objects = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isObject) : []);

/** Messages that were typed in the WhatsApp Business app. */
function readEchoes(value: Json, now: Date): OtherNews {
  const items = [...objects(value.message_echoes), ...objects(value.smb_message_echoes)];
  return { synced: items.map((item) => readSynced(item, 'outbound', peerOf(item, 'to'), 'phone', now)) };
}

function readSynced(
  source: Json,
  direction: SyncedMessage['direction'],
  peer: SyncedMessage['peer'],
  origin: SyncedMessage['origin'],
  now: Date,
): SyncedMessage {
  const item = new Fields(source);
  for (const key of ['from', 'to', 'to_user_id', 'from_user_id']) item.skip(key);
  const id = item.id('id');
  const sentTime = item.timestamp(now);
  const status = item.object('history_context')?.string('status');
  const { about, ...body } = readMessageBody(source, item, undefined);
  return {
    providerMessageId: id ? cleanId(id) : idOfContent(source),
    direction,
    peer,
    ...body,
    replyToProviderMessageId: about ?? body.details?.context?.quoted?.providerMessageId ?? null,
    sentTime,
    status: direction === 'inbound' ? null : statusOf(status),
    origin,
  };
}

const STATUSES = { READ: 'read', PLAYED: 'read', DELIVERED: 'delivered', ERROR: 'failed' } as const;
const statusOf = (named: string | undefined): SyncedMessage['status'] =>
  named !== undefined && Object.hasOwn(STATUSES, named) ? STATUSES[named as keyof typeof STATUSES] : 'sent';

/** Up to six months of chats of before the number was connected, in chunks. */
function readHistory(value: Json, now: Date, ignored: string[]): OtherNews {
  const own = isObject(value.metadata) ? digits(value.metadata.display_phone_number) : '';
  const synced: SyncedMessage[] = [];
  const add = (item: Json, thread: unknown) => {
    const isOurs = digits(item.from) === own && own !== '';
    const isPeers = typeof thread === 'string' ? item.from === thread : !isOurs;
    const direction = isPeers ? ('inbound' as const) : ('outbound' as const);
    const named = typeof thread === 'string' ? { ...item, from: thread } : item;
    const peer = typeof thread === 'string' || isPeers ? peerOf(named, 'from') : peerOf(item, 'to');
    const message = readSynced(item, direction, peer, 'history', now);
    const comesAgain = now.getTime() - Date.parse(message.sentTime) < FILES_MS;
    if (item.type === 'media_placeholder' && comesAgain) ignored.push('media_placeholder');
    else synced.push(message);
  };
  const reports: OtherNews['reports'] = [];
  for (const chunk of objects(value.history)) {
    for (const thread of objects(chunk.threads)) for (const item of objects(thread.messages)) add(item, thread.id);
    const [error] = errorsOf(new Fields(chunk)) ?? [];
    if (error) {
      const text = error.details ?? error.message ?? error.title ?? null;
      reports.push({
        kind: 'history',
        code: error.code ?? 'unknown',
        severity: 'warning',
        text,
        at: now.toISOString(),
      });
    }
  }
  for (const item of objects(value.messages)) add(item, undefined);
  return { synced, reports };
}

const digits = (value: unknown): string => (wordOf(value) ?? '').replace(/\D/g, '');

/** The address book of the WhatsApp Business app. */
function readAddressBook(value: Json, now: Date, ignored: string[]): OtherNews {
  const contacts: ContactNews[] = [];
  for (const source of objects(value.state_sync)) {
    const item = new Fields(source);
    const entry = item.object('contact');
    const waId = digits(entry?.peek('phone_number'));
    const name = entry?.string('full_name') || entry?.string('first_name') || null;
    if (source.action === 'remove' || waId === '' || name === null) {
      ignored.push('contact');
      continue;
    }
    const at = item.object('metadata')?.time('timestamp', now.getTime() + DAY) ?? now.toISOString();
    const person = personOf({ waId, userId: null, messageId: waId });
    contacts.push({ contact: { ...person, name: cleanText(name, 200) }, at });
  }
  return { contacts };
}

/** By what Meta tells; a customer also signs up by a link. */
const WISHES: Partial<Record<string, 'stop' | 'resume'>> = { stop: 'stop', resume: 'resume', signup: 'resume' };

/** Whether customers want marketing messages. */
function readPreferences(value: Json, now: Date, ignored: string[]): OtherNews {
  const entries = objects(value.contacts);
  const contacts: ContactNews[] = [];
  for (const source of objects(value.user_preferences)) {
    const item = new Fields(source);
    const word = item.string('value');
    const at = item.timestamp(now);
    const marketing = word !== undefined && Object.hasOwn(WISHES, word) ? WISHES[word] : undefined;
    if (!marketing || source.category !== 'marketing_messages') {
      ignored.push('preference');
      continue;
    }
    const named = { from: source.wa_id, from_user_id: source.user_id };
    const contact = readSender(new Fields(named), entries, idOfContent(source)).from;
    const reason = item.string('detail');
    contacts.push({ contact, at, marketing, ...(reason && { reason: cleanText(reason, 500) }) });
  }
  return { contacts };
}

/** People whose business-scoped id is another one now: told as the notice of a chat is. */
function readNewIds(value: Json, now: Date, ignored: string[]): OtherNews {
  const entries = objects(value.contacts);
  const messages: InboundMessage[] = [];
  for (const source of objects(value.user_id_update)) {
    const item = new Fields(source);
    const [ids, parents] = [item.object('user_id'), item.object('parent_user_id')];
    const read = (from: Fields | undefined, key: string) => from?.string(key) && cleanId(from.string(key)!);
    const [userId, previousUserId] = [read(ids, 'current'), read(ids, 'previous')];
    if (userId === undefined || previousUserId === undefined) {
      ignored.push('user_id');
      continue;
    }
    const kind = 'user_changed_user_id';
    const [parentUserId, previousParentUserId] = [read(parents, 'current'), read(parents, 'previous')];
    const system = { kind, userId, previousUserId, parentUserId, previousParentUserId };
    const named = { from: source.wa_id, from_user_id: previousUserId };
    const id = idOfContent(source);
    messages.push({
      providerMessageId: id,
      from: readSender(new Fields(named), entries, id).from,
      ...{ type: 'system', content: cleanText(item.string('detail') ?? ''), metadata: null, details: { system } },
      replyToProviderMessageId: null,
      sentTime: item.timestamp(now),
    });
  }
  return { messages };
}
