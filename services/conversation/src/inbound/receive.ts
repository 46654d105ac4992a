import type { Conversation } from '@recado/contracts';
import type { Tx } from '@recado/database';
import { type Delivered, enqueue } from '@recado/messaging';
import { applyChanges, type OnForeign } from '../changes/apply.ts';
import { findWaiting } from '../changes/store.ts';
import { applyConsentWords } from '../contacts/consent.ts';
import type { ContactMemory, Remembered } from '../contacts/memory.ts';
import { moveAddresses, moveOf } from '../contacts/move.ts';
import { rememberSpeakers } from '../contacts/participants.ts';
import { identitiesOf, resolveContacts } from '../contacts/resolve.ts';
import { StaleContacts } from '../contacts/stale.ts';
import { findContactsByIdentity, holdUnerased, type Identity, identityKey, stillName } from '../contacts/store.ts';
import { addToOpenConversations, lockConversations, takeBack } from '../conversations/store.ts';
import { conversationView } from '../conversations/views.ts';
import { wakeWritten } from '../conversations/wake.ts';
import { applyWaiting } from '../files/apply.ts';
import { findInsertedHere, findStored, insertInbound, type NewMessage, providerKey } from '../messages/store.ts';
import { joinByIndex } from '../plans.ts';
import { findPressedAnswers, findSaidAnswers, recordAnswers } from '../surveys/answers.ts';
import {
  type Group,
  groupByConversation,
  type Item,
  isBeside,
  isChat,
  type Received,
  toChanges,
  toItems,
  toMessage,
} from './batch.ts';
import { awaitedIn, eventsOf } from './events.ts';
import { placeBeside } from './place-beside.ts';
import { leaveOutSameVotes } from './votes.ts';

/**
 * Stores a batch of messages with their contacts, conversations and events. Repeats leave no trace:
 * the unique key (tenant, channel, provider id) decides. Returns how many messages were new.
 * @throws StaleContacts when `memory` was older than the tables. It is cleared; trying again helps.
 */
export async function receiveMessages(
  tx: Tx,
  events: readonly Delivered<Received>[],
  now: Date,
  memory: ContactMemory | null = null,
  onForeign?: OnForeign,
): Promise<number> {
  joinByIndex(tx);
  const changes = toChanges(events);
  const fresh = await leaveOutSameVotes(tx, await leaveOutStored(tx, events, toItems(events)));
  const remembered = await setContacts(tx, fresh, now, memory);
  // Sent before its sender was erased: it would have been erased, too.
  const items = fresh.filter(({ contact }) => !contact.isLate);
  if (items.length === 0) return changes.length === 0 ? 0 : applyChanges(tx, changes, [], onForeign);
  const surveys = await findPressedAnswers(tx, items);
  const beside = items.filter(isBeside);
  const chats = groupByConversation(items.filter(isChat));
  // Sent together: the answers come in one round trip.
  const [areRight, areThere] = await Promise.all([
    remembered.size === 0 ||
      stillName(
        tx,
        [...remembered].map(({ identity, contact }) => ({ ...identity, contactId: contact.id })),
      ),
    openConversations(tx, chats, remembered.size > 0),
  ]);
  if (!areRight || !areThere || !(await holdOpened(tx, chats))) {
    memory?.clear();
    throw new StaleContacts();
  }
  if (beside.length > 0) await placeBeside(tx, beside);
  const groups = await findSaidAnswers(tx, chats, surveys);
  const messages = items.map((item) => toMessage(item, now));
  // Changes that came before their messages wait for them; the look costs no round trip.
  const [{ count }, waiting] = await Promise.all([insertInbound(tx, messages), findWaiting(tx, items)]);
  const lost = count < items.length ? await takeBackLost(tx, items, groups, messages) : new Set<string>();
  await enqueue(tx, [...eventsOf(items, messages, groups, await viewOpened(tx, groups), lost), ...awaitedIn(groups)]);
  await recordAnswers(
    tx,
    items.filter(({ id }) => !lost.has(id)),
    now,
  );
  await bringBack(tx, groups, lost);
  await rememberSpeakers(tx, items);
  await moveAddresses(tx, beside.filter(({ id }) => !lost.has(id)).flatMap(moveOf));
  await applyConsentWords(
    tx,
    items.filter(({ id }) => !lost.has(id)),
    now,
  );
  const carriers = items.filter(({ data }) => data.details?.media?.fileId !== undefined);
  if (carriers.length > 0) await applyWaiting(tx, carriers);
  if (changes.length === 0 && waiting.length === 0) return count;
  return count + (await applyChanges(tx, changes, waiting, onForeign));
}

/**
 * Repeats are rare, and the unique key finds them later. After a lost stream all are repeats: one
 * look beforehand saves taking everything back.
 */
async function leaveOutStored(tx: Tx, events: readonly Delivered<Received>[], batch: Item[]): Promise<Item[]> {
  if (!events.some((event) => event.replay)) return batch;
  const seen = new Set((await findStored(tx, batch)).map(providerKey));
  return seen.size === 0 ? batch : batch.filter((item) => !seen.has(providerKey(item)));
}

/** Sets the contact of each item. Returns what was taken from memory, which is to be checked. */
async function setContacts(
  tx: Tx,
  items: readonly Item[],
  now: Date,
  memory: ContactMemory | null,
): Promise<Set<Remembered>> {
  const strangers: Item[] = [];
  const remembered = new Set<Remembered>();
  for (const item of items) {
    const known = memory?.find(item.sender);
    if (known) item.contact = known.contact;
    if (known) remembered.add(known);
    else strangers.push(item);
  }
  if (strangers.length > 0) await findContacts(tx, strangers, now, memory);
  return remembered;
}

/** Sets the contact of each item: the one its identities name, else a new one. */
async function findContacts(tx: Tx, items: readonly Item[], now: Date, memory: ContactMemory | null): Promise<void> {
  for (const item of items) item.identities = identitiesOf(item.sender);
  const known = await findContactsByIdentity(tx, uniqueIdentities(items));
  const senders = items.map((item) => item.sender);
  const contacts = await resolveContacts(
    tx,
    senders,
    known,
    now,
    items.map((item) => item.identities),
  );
  items.forEach((item, i) => {
    item.contact = contacts[i]!;
  });
  memory?.keep(items);
}

function uniqueIdentities(items: readonly Item[]): Identity[] {
  const unique = new Map<string, Identity>();
  for (const { identities } of items) for (const identity of identities) unique.set(identityKey(identity), identity);
  return [...unique.values()];
}

/** Snoozed conversations in which a customer wrote; almost always none. */
async function bringBack(tx: Tx, groups: readonly Group[], lost: ReadonlySet<string>): Promise<void> {
  const away = groups.filter(({ row, items }) => row.snoozedUntil !== null && items.some(({ id }) => !lost.has(id)));
  if (away.length > 0) {
    await wakeWritten(
      tx,
      away.map(({ row }) => row),
    );
  }
}

/** False when the contact of one is no longer there; only looked at with `checked`. */
async function openConversations(tx: Tx, groups: readonly Group[], checked: boolean): Promise<boolean> {
  const rows = await addToOpenConversations(
    tx,
    groups.map((group) => group.delta),
    checked,
  );
  const byKey = new Map(rows.map((row) => [`${row.tenantId} ${row.channelId} ${row.contactId}`, row]));
  for (const group of groups) {
    const { tenantId, channelId, contactId } = group.delta;
    group.row = byKey.get(`${tenantId} ${channelId} ${contactId}`)!;
    for (const item of group.items) item.conversation = group.row;
  }
  return rows.length === groups.length;
}

/**
 * Keeps contacts of conversations that were opened here from being erased until we commit. False
 * when one is erased, or is just being changed: another try finds how that ended.
 */
async function holdOpened(tx: Tx, groups: readonly Group[]): Promise<boolean> {
  const opened = groups.filter(({ row, delta, items }) => row.id === delta.newId && !items[0]!.contact.isNew);
  if (opened.length === 0) return true;
  const keys = opened.map(({ row: { tenantId, contactId } }) => ({ tenantId, id: contactId }));
  return holdUnerased(tx, keys);
}

/**
 * Another copy stored some of them between our look and our insert: undoes their share of the
 * counters.
 */
async function takeBackLost(
  tx: Tx,
  items: readonly Item[],
  groups: readonly Group[],
  messages: readonly NewMessage[],
): Promise<Set<string>> {
  const kept = new Set((await findInsertedHere(tx, messages)).map((row) => row.id));
  const lost = new Set(items.filter((item) => !kept.has(item.id)).map((item) => item.id));
  const deltas: { tenantId: string; id: string; count: number }[] = [];
  for (const { row, items } of groups) {
    const missing = items.filter((item) => !kept.has(item.id));
    if (missing.length > 0) deltas.push({ tenantId: row.tenantId, id: row.id, count: missing.length });
  }
  await takeBack(tx, deltas);
  return lost;
}

/** The conversations opened here, as they are published; almost always none. */
async function viewOpened(tx: Tx, groups: readonly Group[]): Promise<Map<string, Conversation>> {
  const opened = new Map<string, Group>();
  for (const group of groups) if (group.row.id === group.delta.newId) opened.set(group.row.id, group);
  if (opened.size === 0) return new Map();
  const rows = await lockConversations(
    tx,
    [...opened.values()].map(({ row }) => row),
  );
  return new Map(rows.map((row) => [row.id, conversationView(row, opened.get(row.id)!.items[0]!.contact)]));
}
