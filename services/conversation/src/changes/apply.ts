import { type BuiltEvent, buildEvent, conversationUpdated } from '@recado/contracts';
import type { Tx } from '@recado/database';
import { enqueue } from '@recado/messaging';
import { findContacts } from '../contacts/store.ts';
import { lockConversations, showLastMessages } from '../conversations/store.ts';
import { conversationView } from '../conversations/views.ts';
import { changedEvent } from '../messages/changed-event.ts';
import { detailsOf } from '../messages/details.ts';
import { type ProviderKey, providerKey, type StoredMessage } from '../messages/store.ts';
import { recollectMessages } from '../search/collect.ts';
import { findForeign } from './author.ts';
import { currentOf } from './rules.ts';
import {
  deleteVersions,
  findPlaces,
  findVersions,
  holdUnknown,
  insertVersions,
  lockMessages,
  type VersionRow,
  writeChanged,
} from './store.ts';

/** Hears how many changes of a message were made in another chat than its own. */
export type OnForeign = (count: number) => void;

/** An edit or a deletion, as a provider told it. */
export interface Change extends Omit<VersionRow, 'messageId' | 'kind'> {
  kind: 'edited' | 'deleted';
}

/**
 * Applies changes, or lets them wait; `onForeign` hears of those of other chats. `stored`: messages
 * of this transaction that changes waited for. Returns how many were new.
 */
export async function applyChanges(
  tx: Tx,
  changes: readonly Change[],
  stored: readonly ProviderKey[] = [],
  onForeign: OnForeign = () => {},
): Promise<number> {
  const { count } = changes.length === 0 ? { count: 0 } : await insertVersions(tx, changes.map(toRow));
  const keys = [...new Map([...changes, ...stored].map((one) => [providerKey(one), one])).values()];
  if (keys.length > 0) await applyTo(tx, keys, onForeign);
  return count;
}

const toRow = (change: Change): VersionRow => ({ ...change, messageId: null });

async function applyTo(tx: Tx, keys: readonly ProviderKey[], onForeign: OnForeign): Promise<void> {
  const messages = await lockChanged(tx, keys);
  const known = new Set(messages.map((message) => keyOf(message)));
  const unknown = keys.filter((key) => !known.has(providerKey(key)));
  if (unknown.length > 0 && (await holdUnknown(tx, unknown))) messages.push(...(await lockChanged(tx, unknown)));
  if (messages.length === 0) return;
  await insertVersions(tx, messages.map(firstVersion));
  const versions = Map.groupBy(await leaveOutForeign(tx, messages, onForeign), providerKey);
  const changed: StoredMessage[] = [];
  for (const message of messages) {
    const now = currentOf(versions.get(keyOf(message)) ?? []);
    if (!now || isSame(message, now)) continue;
    const metadata = now.details?.changed?.kind === 'deleted' ? null : message.metadata;
    changed.push({ ...message, ...now, metadata });
  }
  if (changed.length === 0) return;
  await writeChanged(tx, changed, changed.map(keyed));
  await recollectMessages(tx, changed);
  await enqueue(tx, [...changed.map(eventOf), ...(await previewEvents(tx, changed))]);
}

/** The versions of messages, without changes of other chats: these are forgotten. */
async function leaveOutForeign(
  tx: Tx,
  messages: readonly StoredMessage[],
  onForeign: OnForeign,
): Promise<VersionRow[]> {
  const versions = await findVersions(tx, messages.map(keyed));
  const messageOf = new Map(messages.map((message) => [keyOf(message), message]));
  // One that counts already was looked at when it came.
  const fresh = versions.filter(({ kind, messageId }) => kind !== 'original' && messageId === null);
  const pairs = fresh.map((change) => ({ message: messageOf.get(providerKey(change))!, change }));
  const foreign = await findForeign(tx, pairs);
  if (foreign.size === 0) return versions;
  await deleteVersions(tx, [...foreign]);
  onForeign(foreign.size);
  return versions.filter((one) => !foreign.has(one));
}

/** Conversations are locked before their messages, as everywhere. */
async function lockChanged(tx: Tx, keys: readonly ProviderKey[]): Promise<StoredMessage[]> {
  const places = await findPlaces(tx, keys);
  if (places.length === 0) return [];
  await lockConversations(tx, places);
  return lockMessages(tx, keys);
}

const keyed = ({ tenantId, channelId, providerMessageId }: StoredMessage): ProviderKey => ({
  tenantId,
  channelId,
  providerMessageId: providerMessageId!,
});
const keyOf = (message: StoredMessage): string => providerKey(keyed(message));

const isSame = (message: StoredMessage, now: Pick<StoredMessage, 'type' | 'content' | 'details'>): boolean =>
  message.type === now.type &&
  message.content === now.content &&
  message.details?.changed?.at === now.details?.changed?.at &&
  message.details?.changed?.kind === now.details?.changed?.kind;

/** Only the first time: later it stands there already. */
const firstVersion = (message: StoredMessage): VersionRow => ({
  ...keyed(message),
  changeId: '',
  kind: 'original',
  direction: message.direction,
  at: message.sentTime,
  type: message.type,
  content: message.content,
  details: detailsOf({ ...message }),
  messageId: message.id,
});

const eventOf = (message: StoredMessage): BuiltEvent =>
  changedEvent(message, message.details!.changed!.at, message.details);

/** The conversations whose last message changed show it. */
async function previewEvents(tx: Tx, changed: readonly StoredMessage[]): Promise<BuiltEvent[]> {
  const rows = await showLastMessages(tx, changed);
  if (rows.length === 0) return [];
  const contacts = await findContacts(
    tx,
    rows.map(({ tenantId, contactId: id }) => ({ tenantId, id })),
  );
  const contactOf = new Map(contacts.map((contact) => [`${contact.tenantId} ${contact.id}`, contact]));
  return rows.map((row) => {
    const { tenantId, id } = row;
    const conversation = conversationView(row, contactOf.get(`${tenantId} ${row.contactId}`)!);
    return buildEvent(conversationUpdated, { tenantId, subject: id, data: { conversation, changed: ['lastMessage'] } });
  });
}
