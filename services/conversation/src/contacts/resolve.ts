import { uuidv7 } from '@recado/contracts';
import type { Tx } from '@recado/database';
import { phoneKey } from '@recado/service-kit/phone';
import { type Memory, recallSenders } from '../erasures/late.ts';
import { StaleContacts } from './stale.ts';
import {
  type ContactRow,
  claimIdentities,
  completeContacts,
  findContacts,
  findFormerOwners,
  holdContacts,
  type Identity,
  identityKey,
  insertContacts,
  type KnownContact,
  moveIdentities,
  type OwnedIdentity,
  type Renamed,
  renameContacts,
  stillName,
} from './store.ts';

/** A sender or recipient, as a provider or a user names them. */
export interface Sender {
  tenantId: string;
  waId: string | null;
  phone: string | null;
  userId: string | null;
  /** The same person for the business's other portfolios. */
  parentUserId?: string | null;
  /** The address of a chat of many: then it is no person, and there is none of the others. */
  group?: string | null;
  username?: string | null;
  /** What the customer is called in WhatsApp. */
  name: string | null;
  /** When it was called so: the provider's time of the message. */
  at?: string;
}

export interface ResolvedContact extends ContactRow {
  isNew: boolean;
  /** A person wrote it into the address book: its name is theirs to change. */
  isEntered: boolean;
  /** It took over the name that the customer shows by now. */
  renamed?: Renamed;
  /** It was found by an address that it has given up since. */
  isFormer?: boolean;
  /** It stood in the tables already, with all that its senders show. */
  isSettled: boolean;
  /** There is none: the sender was erased after this. What came with it is to be left out. */
  isLate?: boolean;
  /** Whether one with its addresses was erased; undefined while that was not looked up. */
  hasPast?: boolean;
  marketingChangedAt?: Date | null;
}

/** A contact while its batch is being worked out. */
interface Draft extends ResolvedContact {
  /** Identities by which it was found. */
  foundBy: Identity[];
  /** Identities to be inserted for it. */
  claims: Identity[];
  /** A name or phone came that the known row lacks. */
  completed: boolean;
  /** The latest name of its senders. */
  shown: { name: string; at: string } | null;
}

/** The identities of a sender, the most telling first. */
export function identitiesOf({ tenantId, waId, phone, userId, parentUserId, group }: Sender): Identity[] {
  if (group) return [{ tenantId, kind: 'group', value: group }];
  const identities: Identity[] = [];
  const key = phoneKey(phone) ?? phoneKey(waId);
  if (key !== null) identities.push({ tenantId, kind: 'phone', value: key });
  if (userId !== null) identities.push({ tenantId, kind: 'user_id', value: userId });
  if (waId !== null) identities.push({ tenantId, kind: 'wa_id', value: waId });
  if (parentUserId) identities.push({ tenantId, kind: 'parent_user_id', value: parentUserId });
  return identities;
}

/**
 * The contact of each sender, in order: the known one, else a new one. Copies may do this at the
 * same time: the unique identities decide, and the others use the winner's contact.
 * @throws StaleContacts when an identity was detached from its contact in between.
 * @param known what findContactsByIdentity found for all identities of these senders.
 * @param identities those of each sender, when they are known
 */
export async function resolveContacts(
  tx: Tx,
  senders: readonly Sender[],
  known: readonly KnownContact[],
  now: Date,
  identities: readonly Identity[][] = senders.map(identitiesOf),
): Promise<ResolvedContact[]> {
  const byIdentity = new Map<string, Draft>();
  const byId = new Map<string, Draft>();
  for (const { kind, value, ...contact } of known) {
    const id = `${contact.tenantId} ${contact.id}`;
    const draft = byId.get(id) ?? {
      ...contact,
      isNew: false,
      isSettled: false,
      foundBy: [],
      claims: [],
      completed: false,
      shown: null,
    };
    byId.set(id, draft);
    byIdentity.set(identityKey({ tenantId: contact.tenantId, kind, value }), draft);
  }
  const recalled = await recallSenders(tx, senders, identities, byIdentity);
  const resolved = senders.map((sender, i) => match(sender, identities[i]!, byIdentity, now, recalled.get(i)));
  await findFormer(tx, senders, resolved, identities);
  const drafts = new Set(resolved.filter(({ isLate }) => !isLate));
  const renamed = [...drafts].filter(nameByMessage);
  for (const draft of drafts)
    draft.isSettled = !draft.isNew && !renamed.includes(draft) && !draft.completed && draft.claims.length === 0;
  const claiming = [...drafts].filter((draft) => draft.claims.length > 0);
  if (claiming.length > 0) await claim(tx, claiming);
  const fresh = [...drafts].filter((draft) => draft.isNew);
  if (fresh.length > 0) await insertContacts(tx, fresh);
  const completed = [...drafts].filter((draft) => draft.completed && !draft.isNew);
  if (completed.length > 0) await completeContacts(tx, completed);
  if (renamed.length > 0) await rename(tx, renamed);
  return resolved;
}

/** A late message from an address that its sender gave up since then is still theirs. */
async function findFormer(
  tx: Tx,
  senders: readonly Sender[],
  drafts: readonly Draft[],
  identities: readonly Identity[][],
): Promise<void> {
  const wanted = senders.flatMap(({ at }, i) =>
    at !== undefined && drafts[i]!.isNew ? identities[i]!.map((identity) => ({ ...identity, at })) : [],
  );
  if (wanted.length === 0) return;
  const owners = new Map((await findFormerOwners(tx, wanted)).map((row) => [identityKey(row), row.contactId]));
  if (owners.size === 0) return;
  const late = new Set<Draft>();
  senders.forEach((_, i) => {
    const owner = identities[i]!.map((identity) => owners.get(identityKey(identity))).find((id) => id !== undefined);
    if (owner === undefined || !drafts[i]!.isNew) return;
    Object.assign(drafts[i]!, { id: owner, isNew: false, isFormer: true, claims: [] });
    late.add(drafts[i]!);
  });
  await adopt(tx, [...late]);
}

const newDraft = (sender: Sender, now: Date): Draft => ({
  tenantId: sender.tenantId,
  id: uuidv7(),
  name: null,
  firstName: null,
  lastName: null,
  phone: null,
  email: null,
  avatarUrl: null,
  username: null,
  groupAddress: sender.group ?? null,
  marketingStoppedAt: null,
  blockedAt: null,
  createdAt: now,
  isNew: true,
  isEntered: false,
  isSettled: false,
  foundBy: [],
  claims: [],
  completed: false,
  shown: null,
});

function match(
  sender: Sender,
  identities: readonly Identity[],
  byIdentity: Map<string, Draft>,
  now: Date,
  memory: Memory | undefined,
): Draft {
  if (memory?.isLate) return { ...newDraft(sender, now), isNew: false, isLate: true };
  let draft: Draft | undefined;
  for (const identity of identities) {
    draft = byIdentity.get(identityKey(identity));
    if (!draft) continue;
    draft.foundBy.push(identity);
    break;
  }
  draft ??= { ...newDraft(sender, now), ...memory?.wishes };
  if (memory) draft.hasPast = memory.wishes !== null;
  for (const identity of identities) {
    const key = identityKey(identity);
    // One that belongs to another contact stays there: joining two contacts is for a person to
    // decide.
    if (byIdentity.has(key)) continue;
    byIdentity.set(key, draft);
    draft.claims.push(identity);
  }
  if (sender.username && draft.username !== sender.username) {
    draft.username = sender.username;
    draft.completed = true;
  }
  const phone = sender.phone ?? (sender.waId !== null && phoneKey(sender.waId) !== null ? `+${sender.waId}` : null);
  if (sender.name !== null) {
    const at = sender.at ?? '';
    if (draft.shown === null || at >= draft.shown.at) draft.shown = { name: sender.name, at };
  }
  if (draft.phone === null && phone !== null) {
    draft.phone = phone;
    draft.completed = true;
  }
  return draft;
}

/** Names a contact that has no name yet; true when it has another that may have to change. */
function nameByMessage(draft: Draft): boolean {
  const { shown } = draft;
  if (shown === null || draft.isEntered || draft.name === shown.name) return false;
  if (draft.name !== null) return true;
  draft.name = shown.name;
  draft.completed = true;
  return false;
}

async function rename(tx: Tx, drafts: readonly Draft[]): Promise<void> {
  const wanted = drafts.map(({ tenantId, id, shown }) => ({ tenantId, id, ...shown! }));
  const done = new Map((await renameContacts(tx, wanted)).map((row) => [`${row.tenantId} ${row.id}`, row]));
  for (const draft of drafts) {
    const row = done.get(`${draft.tenantId} ${draft.id}`);
    if (row) Object.assign(draft, { name: row.name, renamed: row });
  }
}

/** Inserts what is new. Where another copy was faster, its contact replaces ours. */
async function claim(tx: Tx, drafts: readonly Draft[]): Promise<void> {
  const wanted = drafts.flatMap((draft) => draft.claims.map((identity) => ({ ...identity, contactId: draft.id })));
  wanted.sort((a, b) => (identityKey(a) < identityKey(b) ? -1 : 1));
  const contactOf = new Map((await claimIdentities(tx, wanted)).map((row) => [identityKey(row), row.contactId]));
  await checkFound(
    tx,
    drafts.filter((draft) => !draft.isNew),
  );
  const beaten: Draft[] = [];
  const moved: OwnedIdentity[] = [];
  for (const draft of drafts) {
    if (!draft.isNew) continue;
    const owners = draft.claims.map((identity) => contactOf.get(identityKey(identity))!);
    const winner = owners.find((owner) => owner !== draft.id);
    if (winner === undefined) continue;
    draft.claims.forEach((identity, i) => {
      if (owners[i] === draft.id) moved.push({ ...identity, contactId: winner });
    });
    draft.id = winner;
    draft.isNew = false;
    beaten.push(draft);
  }
  if (moved.length > 0) await moveIdentities(tx, moved);
  if (beaten.length > 0) await adopt(tx, beaten);
}

/**
 * Identities join a known contact only while it has those it was found by. Its phone may have just
 * changed, and the rest of the old number must not come back.
 */
async function checkFound(tx: Tx, known: readonly Draft[]): Promise<void> {
  if (known.length === 0) return;
  await holdContacts(tx, known);
  const found = known.flatMap(({ id, foundBy }) => foundBy.map((identity) => ({ ...identity, contactId: id })));
  if (!(await stillName(tx, found))) throw new StaleContacts();
}

async function adopt(tx: Tx, drafts: readonly Draft[]): Promise<void> {
  const rows = new Map((await findContacts(tx, drafts)).map((row) => [`${row.tenantId} ${row.id}`, row]));
  for (const draft of drafts) {
    const row = rows.get(`${draft.tenantId} ${draft.id}`);
    if (!row) continue;
    const { name, phone, username } = draft;
    Object.assign(draft, row, {
      name: row.name ?? name,
      phone: row.phone ?? phone,
      username: username ?? row.username,
    });
    draft.completed = row.name !== draft.name || row.phone !== draft.phone || row.username !== draft.username;
  }
}
