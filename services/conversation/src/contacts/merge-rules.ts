import type { BookRow } from './book-store.ts';

/** What decides which of a contact's open chats on a channel stays open. */
export interface OpenChat {
  id: string;
  contactId: string;
  channelId: string;
  assignedUserId: string | null;
  lastMessageAt: Date;
}

/**
 * The chats that are closed when contacts become one: a channel has one open chat. The one with a
 * user stays, then the kept contact's own, then the one that was active last.
 */
export function chatsToClose(open: readonly OpenChat[], into: string): string[] {
  const byChannel = Map.groupBy(open, ({ channelId }) => channelId);
  return [...byChannel.values()].flatMap((chats) =>
    chats
      .toSorted((a, b) => compare(a, b, into))
      .slice(1)
      .map(({ id }) => id),
  );
}

const compare = (a: OpenChat, b: OpenChat, into: string): number =>
  Number(b.assignedUserId !== null) - Number(a.assignedUserId !== null) ||
  Number(b.contactId === into) - Number(a.contactId === into) ||
  b.lastMessageAt.getTime() - a.lastMessageAt.getTime() ||
  (a.id < b.id ? -1 : 1);

const MAX_NOTES = 5000;

/** One profile of several: the kept one's values stand, and the others fill what it lacks. */
export function mergedProfile(kept: BookRow, others: readonly BookRow[]): BookRow {
  const all = [kept, ...others];
  const first = <K extends keyof BookRow>(field: K): BookRow[K] =>
    (all.find((one) => one[field] !== null) ?? kept)[field];
  const named = all.find(isNamed) ?? all.find(({ name }) => name !== null) ?? kept;
  const latest = (field: 'lastPurchaseAt' | 'marketingChangedAt') => timesOf(all, field).at(-1) ?? null;
  return {
    ...kept,
    ...{ name: named.name, firstName: named.firstName, lastName: named.lastName },
    ...{ phone: first('phone'), email: first('email'), username: first('username'), avatarUrl: first('avatarUrl') },
    ...{ company: first('company'), city: first('city'), country: first('country'), address: first('address') },
    segment: first('segment'),
    leadStatus: all.find(({ leadStatus }) => leadStatus !== 'new')?.leadStatus ?? 'new',
    leadScore: Math.max(...all.map(({ leadScore }) => leadScore)),
    // Cents: sums of decimals drift.
    ltv: all.reduce((sum, { ltv }) => sum + Math.round(ltv * 100), 0) / 100,
    totalPurchases: all.reduce((sum, { totalPurchases }) => sum + totalPurchases, 0),
    lastPurchaseAt: latest('lastPurchaseAt'),
    notes: notesOf(all),
    customFields: Object.assign({}, ...all.toReversed().map(({ customFields }) => customFields)),
    // The stricter wish stands: who said no once, or is blocked, stays so.
    marketingStoppedAt: timesOf(all, 'marketingStoppedAt')[0] ?? null,
    marketingChangedAt: latest('marketingChangedAt'),
    blockedAt: timesOf(all, 'blockedAt')[0] ?? null,
    enteredAt: timesOf(all, 'enteredAt')[0] ?? null,
    isActive: all.some(({ isActive }) => isActive),
  };
}

/** A person wrote its name; any other is that of a profile. */
const isNamed = ({ name, firstName, lastName, enteredAt }: BookRow): boolean =>
  name !== null && (firstName !== null || lastName !== null || enteredAt !== null);

type TimeField = 'lastPurchaseAt' | 'marketingChangedAt' | 'marketingStoppedAt' | 'blockedAt' | 'enteredAt';

/** The earliest first. */
const timesOf = (all: readonly BookRow[], field: TimeField): Date[] =>
  all.flatMap((one) => one[field] ?? []).toSorted((a, b) => a.getTime() - b.getTime());

function notesOf(all: readonly BookRow[]): string | null {
  const texts = [...new Set(all.flatMap(({ notes }) => notes ?? []))];
  return texts.length === 0 ? null : texts.join('\n').slice(0, MAX_NOTES).toWellFormed();
}
