import {
  type BuiltEvent,
  buildEvent,
  contactCreated,
  type contactReported,
  contactUpdated,
  type EventData,
} from '@recado/contracts';
import type { Tx } from '@recado/database';
import { type Delivered, enqueue } from '@recado/messaging';
import { joinByIndex } from '../plans.ts';
import { withoutNul } from '../text.ts';
import { recordContactEvents } from '../timeline/record.ts';
import { identitiesOf, type ResolvedContact, resolveContacts, type Sender } from './resolve.ts';
import { findContactsByIdentity } from './store.ts';

type Reported = EventData<typeof contactReported>;

/** Keeps what providers told of customers: names in the phone, and whether they want marketing. */
export async function applyReports(tx: Tx, reports: readonly Delivered<Reported>[], now: Date): Promise<void> {
  joinByIndex(tx);
  const senders = reports.map(toSender);
  const known = await findContactsByIdentity(tx, senders.flatMap(identitiesOf));
  const resolved = await resolveContacts(tx, senders, known, now);
  const events = reports.filter((_, i) => !resolved[i]!.isLate);
  const contacts = resolved.filter(({ isLate }) => !isLate);
  const told: BuiltEvent[] = [...new Set(contacts)].flatMap(contactFirst);
  const stopped = await setMarketing(tx, events, contacts);
  await enqueue(tx, [...told, ...stopped]);
}

function toSender({ tenantId, data: { contact, at } }: Delivered<Reported>): Sender {
  const { waId, phone, userId, parentUserId, username, name } = contact;
  return { tenantId, waId, phone, userId, parentUserId, username, name: name === null ? null : withoutNul(name), at };
}

/** A contact that is new, or has another name. */
export function contactFirst({ tenantId, id, name, phone, isNew, renamed }: ResolvedContact): BuiltEvent[] {
  const common = { tenantId, subject: id };
  if (isNew) return [buildEvent(contactCreated, { ...common, data: { contactId: id, name, phone } })];
  if (!renamed) return [];
  const { id: contactId, tenantId: _, ...facts } = renamed;
  return [buildEvent(contactUpdated, { ...common, data: { contactId, ...facts, changed: ['name'] } })];
}

interface Facts {
  tenantId: string;
  id: string;
  name: string | null;
  phone: string | null;
  email: string | null;
  isActive: boolean;
  createdBy: string | null;
}

/** The latest word counts, in any order of arrival. */
async function setMarketing(
  tx: Tx,
  events: readonly Delivered<Reported>[],
  contacts: readonly ResolvedContact[],
): Promise<BuiltEvent[]> {
  const latest = new Map<string, { tenantId: string; id: string; stop: boolean; at: string }>();
  for (const [i, { tenantId, data }] of events.entries()) {
    const { id } = contacts[i]!;
    if (!data.marketing) continue;
    const before = latest.get(`${tenantId} ${id}`);
    const word = { tenantId, id, stop: data.marketing === 'stop', at: data.at };
    if (!before || Date.parse(before.at) <= Date.parse(word.at)) latest.set(`${tenantId} ${id}`, word);
  }
  if (latest.size === 0) return [];
  const rows = [...latest.values()].sort((a, b) => (`${a.tenantId} ${a.id}` < `${b.tenantId} ${b.id}` ? -1 : 1));
  const changed = await tx<Facts[]>`
    update contacts c set marketing_stopped_at = case when n.stop = 1 then n.at end, marketing_changed_at = n.at, updated_at = now()
    from unnest(${rows.map((r) => r.tenantId)}::uuid[], ${rows.map((r) => r.id)}::uuid[],
                ${rows.map((r) => (r.stop ? 1 : 0))}::int[], ${rows.map((r) => r.at)}::text[]::timestamptz[])
      as n (tenant_id, id, stop, at)
    where c.tenant_id = n.tenant_id and c.id = n.id
      and (c.marketing_changed_at is null or c.marketing_changed_at < n.at)
    returning c.tenant_id as "tenantId", c.id, c.name, c.phone, c.email, c.is_active as "isActive",
              c.created_by as "createdBy"`;
  await recordContactEvents(
    tx,
    changed.map(({ tenantId, id }) => {
      const { stop, at } = latest.get(`${tenantId} ${id}`)!;
      return { tenantId, contactId: id, kind: stop ? 'contact.opted_out' : 'contact.opted_in', at: new Date(at) };
    }),
  );
  return changed.map(({ tenantId, id: contactId, ...facts }) =>
    buildEvent(contactUpdated, { tenantId, subject: contactId, data: { contactId, ...facts, changed: ['marketing'] } }),
  );
}
