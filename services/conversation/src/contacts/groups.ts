import { type BuiltEvent, buildEvent, contactUpdated } from '@recado/contracts';
import type { Tx } from '@recado/database';
import { type Delivered, enqueue } from '@recado/messaging';
import { joinByIndex } from '../plans.ts';
import { withoutNul } from '../text.ts';
import { type GroupReported, nameGroups, tellMembers } from './group-store.ts';
import { contactFirst } from './report.ts';
import { identitiesOf, type ResolvedContact, resolveContacts, type Sender } from './resolve.ts';
import { findContactsByIdentity } from './store.ts';

type Report = Delivered<GroupReported>;

/**
 * Keeps the names of groups and who takes part, by the latest word. A notice of an unknown group
 * makes none, and those who take part become no contacts.
 */
export async function applyGroupReports(tx: Tx, events: readonly Report[], now: Date): Promise<void> {
  joinByIndex(tx);
  const senders = events.map(toSender);
  const known = await findContactsByIdentity(tx, senders.flatMap(identitiesOf));
  const addresses = new Set(known.map(({ tenantId, value }) => `${tenantId} ${value}`));
  // Its first message may still be on the way when we have asked already.
  const wanted = events.filter(
    ({ tenantId, data }) => data.asked || addresses.has(`${tenantId} ${withoutNul(data.groupId)}`),
  );
  if (wanted.length === 0) return;
  const contacts = await resolveContacts(tx, wanted.map(toSender), known, now);
  const told: BuiltEvent[] = [...new Set(contacts)].flatMap(contactFirst);
  const inOrder = wanted
    .map((event, i) => ({ event, contact: contacts[i]! }))
    .sort((a, b) => Date.parse(a.event.data.at) - Date.parse(b.event.data.at));
  const renamed = await rename(tx, inOrder);
  for (const { event, contact } of inOrder) await tellMembers(tx, contact, event.data);
  await enqueue(tx, [...told, ...renamed]);
}

const toSender = ({ tenantId, data }: Report): Sender => ({
  ...{ tenantId, waId: null, phone: null, userId: null, name: null },
  group: withoutNul(data.groupId),
});

async function rename(tx: Tx, reports: readonly { event: Report; contact: ResolvedContact }[]): Promise<BuiltEvent[]> {
  const named = new Map<string, { tenantId: string; id: string; name: string; at: string }>();
  for (const { event, contact } of reports) {
    const { name, at } = event.data;
    const { tenantId, id } = contact;
    // The latest is the last.
    if (name) named.set(`${tenantId} ${id}`, { tenantId, id, name: withoutNul(name), at });
  }
  if (named.size === 0) return [];
  const rows = await nameGroups(tx, [...named.values()]);
  return rows.map(({ tenantId, id: contactId, ...facts }) =>
    buildEvent(contactUpdated, { tenantId, subject: contactId, data: { contactId, ...facts, changed: ['name'] } }),
  );
}
