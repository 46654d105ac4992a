import { type BuiltEvent, buildEvent, changesBetween, contactCreated, contactUpdated, uuidv7 } from '@recado/contracts';
import type { Tx } from '@recado/database';
import { enqueue } from '@recado/messaging';
import { recallWishesOf } from '../erasures/late.ts';
import { takeTags } from '../tags/store.ts';
import { type BookRow, claimPhones, lockAll, phoneIdentity } from './book-store.ts';
import { BLANK, type Profile, type ProfileInput, whenRemoved, withInput } from './profile.ts';
import { addTagsOf } from './tag-store.ts';
import { auditedContact, contactFacts } from './views.ts';
import { type WrittenEntry, writeEntries } from './write-store.ts';

/** A contact by its phone, in E.164, with what is known of it. `tags` are added to those it has. */
export type UpsertRow = Omit<ProfileInput, 'phone'> & { phone: string; tags?: readonly string[] | undefined };

export interface UpsertOptions {
  /** What becomes of a contact that is there already, in any spelling of its phone. */
  onDuplicate: 'update' | 'skip';
  /** Null for an API key. */
  createdBy: string | null;
  now?: Date;
  traceparent?: string | undefined;
}

export interface Upserted {
  contactId: string;
  outcome: 'created' | 'updated' | 'skipped';
}

/** A contact on its way through a batch. */
interface Draft {
  before: BookRow | null;
  after: WrittenEntry;
  isNew: boolean;
  tags: Set<string>;
}

/**
 * Writes many contacts into the address book, one statement for each step. One with nothing new is
 * `skipped`. A removed one is back, as `created`.
 * @param rows valid by the contract; the caller writes the audit line
 */
export async function upsertContacts(
  tx: Tx,
  tenantId: string,
  rows: readonly UpsertRow[],
  { onDuplicate, createdBy, now = new Date(), traceparent }: UpsertOptions,
): Promise<Upserted[]> {
  if (rows.length === 0) return [];
  const owners = await claimOwners(tx, tenantId, rows);
  const known = new Map((await lockAll(tx, tenantId, [...new Set(owners)].sort())).map((row) => [row.id, row]));
  const wishes = await recallWishesOf(
    tx,
    rows.flatMap(({ phone }, i) => (known.has(owners[i]!) ? [] : [phoneIdentity(tenantId, phone)])),
  );
  const drafts = new Map<string, Draft>();
  const outcomes = rows.map(({ tags = [], ...given }, i): Upserted => {
    const contactId = owners[i]!;
    const earlier = drafts.get(contactId);
    const before = known.get(contactId) ?? null;
    const isThere = earlier !== undefined || (before !== null && before.deletedAt === null);
    if (isThere && onDuplicate === 'skip') return { contactId, outcome: 'skipped' };
    const recalled = before ? null : wishes.get(phoneIdentity(tenantId, given.phone).value);
    const draft = earlier ?? draftOf(contactId, before, createdBy, now, recalled);
    // The phone that a contact has stays as it is spelled.
    const { phone, ...rest } = given;
    draft.after = withInput(draft.after, draft.after.phone === null ? given : rest, now);
    for (const tag of tags) draft.tags.add(tag);
    drafts.set(contactId, draft);
    return { contactId, outcome: isThere ? 'updated' : 'created' };
  });
  const changed = await write(tx, tenantId, drafts, traceparent);
  return outcomes.map((one) =>
    one.outcome === 'updated' && !changed.has(one.contactId) ? { ...one, outcome: 'skipped' } : one,
  );
}

/** The contact of each row's phone: the known one, or a new id. Rows of one phone share it. */
function claimOwners(tx: Tx, tenantId: string, rows: readonly UpsertRow[]): Promise<string[]> {
  const ids = new Map<string, string>();
  return claimPhones(
    tx,
    rows.map(({ phone }) => phoneIdentity(tenantId, phone)),
    ({ value }) => {
      const id = ids.get(value) ?? uuidv7();
      ids.set(value, id);
      return id;
    },
  );
}

function draftOf(
  id: string,
  before: BookRow | null,
  createdBy: string | null,
  now: Date,
  recalled: Partial<Profile> | null | undefined,
): Draft {
  const isNew = before === null || before.deletedAt !== null;
  // One known by messages alone becomes the caller's, as with `POST /contacts`.
  const isTaken = isNew || before.enteredAt === null;
  const profile = {
    ...(before === null ? { ...BLANK, ...recalled } : isNew ? whenRemoved(before) : before),
    ...(isTaken && { createdBy }),
  };
  const after = { ...profile, id, enteredAt: isTaken ? now : before.enteredAt, deletedAt: null };
  return { before, after, isNew, tags: new Set() };
}

/** Writes what changed, tells of it, and returns the contacts that changed. */
async function write(
  tx: Tx,
  tenantId: string,
  drafts: ReadonlyMap<string, Draft>,
  traceparent: string | undefined,
): Promise<Set<string>> {
  const fields = new Map<string, string[]>();
  for (const [id, { before, after, isNew }] of drafts) {
    const changes = isNew ? {} : changesBetween(auditedContact(before!), auditedContact(after));
    if (changes || before?.enteredAt === null) fields.set(id, Object.keys(changes ?? {}));
  }
  if (fields.size > 0)
    await writeEntries(
      tx,
      tenantId,
      [...fields.keys()].map((id) => drafts.get(id)!.after),
    );
  for (const id of await tagDrafts(tx, tenantId, drafts)) fields.set(id, [...(fields.get(id) ?? []), 'tags']);
  await enqueue(
    tx,
    [...fields].map(([id, changed]) => newsOf(tenantId, drafts.get(id)!, changed, traceparent)),
  );
  return new Set(fields.keys());
}

async function tagDrafts(tx: Tx, tenantId: string, drafts: ReadonlyMap<string, Draft>): Promise<Set<string>> {
  const names = new Set([...drafts.values()].flatMap(({ tags }) => [...tags]));
  if (names.size === 0) return new Set();
  const ids = new Map((await takeTags(tx, tenantId, [...names])).map(({ given, id }) => [given, id]));
  const pairs = [...drafts].flatMap(([contactId, { tags }]) =>
    [...tags].map((name) => ({ contactId, tagId: ids.get(name)! })),
  );
  return new Set((await addTagsOf(tx, tenantId, pairs)).map(({ contactId }) => contactId));
}

function newsOf(
  tenantId: string,
  { after, isNew }: Draft,
  changed: string[],
  traceparent: string | undefined,
): BuiltEvent {
  const { id: contactId, name, phone } = after;
  const common = { tenantId, subject: contactId, traceparent };
  return isNew
    ? buildEvent(contactCreated, { ...common, data: { contactId, name, phone } })
    : buildEvent(contactUpdated, { ...common, data: { ...contactFacts(after), changed } });
}
