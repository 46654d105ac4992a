import type { MessageDetails } from '@recado/contracts';
import type { Tx } from '@recado/database';
import { identitiesOf } from '../contacts/resolve.ts';
import { findContactsByIdentity, findFormerOwners, type Identity, identityKey } from '../contacts/store.ts';
import { contactsOfMessages, type VersionRow } from './store.ts';

type Stored = { tenantId: string; id: string; details: MessageDetails | null; direction: 'inbound' | 'outbound' };
type By = NonNullable<NonNullable<MessageDetails['change']>['by']>;

/**
 * Those of the changes that another chat made, or another person of the group: all of a group know
 * the ids of its messages.
 */
export async function findForeign(
  tx: Tx,
  pairs: readonly { message: Stored; change: VersionRow }[],
): Promise<Set<VersionRow>> {
  if (pairs.length === 0) return new Set();
  const wanted = pairs.flatMap(({ change }) =>
    authorsOf(change).map((one) => ({ ...one, at: change.at.toISOString() })),
  );
  const places = await contactsOfMessages(
    tx,
    pairs.map(({ message }) => message),
  );
  const owners = new Map<string, Set<string>>();
  if (wanted.length > 0) {
    const known = [...(await findContactsByIdentity(tx, wanted))].map((row) => ({ ...row, contactId: row.id }));
    for (const row of [...known, ...(await findFormerOwners(tx, wanted))]) {
      const key = identityKey(row as Identity);
      owners.set(key, (owners.get(key) ?? new Set()).add(row.contactId));
    }
  }
  const contactOf = new Map(places.map((row) => [`${row.tenantId} ${row.id}`, row.contactId]));
  const fits = ({ message, change }: { message: Stored; change: VersionRow }): boolean => {
    // Of a private chat only its two sides know the ids. In a group everyone does.
    if (change.details?.change?.untold) return message.details?.group === undefined;
    const contactId = contactOf.get(`${message.tenantId} ${message.id}`);
    if (contactId === undefined || !authorsOf(change).some((one) => owners.get(identityKey(one))?.has(contactId)))
      return false;
    return isByItsSpeaker(message, change);
  };
  return new Set(pairs.filter((pair) => !fits(pair)).map(({ change }) => change));
}

/** Identities of the chat in which a change was made; none for one that names no chat. */
function authorsOf({ tenantId, details }: VersionRow): Identity[] {
  const { waId = null, phone = null, userId = null } = details?.change?.by ?? {};
  return identitiesOf({ tenantId, waId, phone, userId, group: details?.group?.id ?? null, name: null });
}

/** In a group each person changes their own messages; ours are known by their direction. */
function isByItsSpeaker({ details, direction }: Stored, change: Pick<VersionRow, 'details' | 'direction'>): boolean {
  const speaker = details?.group?.from;
  if (direction === 'outbound' || change.direction === 'outbound' || !details?.group) return true;
  const by: By = change.details?.change?.by ?? {};
  return (['waId', 'phone', 'userId'] as const).some((one) => by[one] !== undefined && by[one] === speaker?.[one]);
}
