import type { Tx } from '@recado/database';

/**
 * The address book's contacts that a caller sees (ownerSeenBy); the table is `k`. A contact known
 * only by messages has no creator: only callers who see all see it.
 */
export const seenContacts = (tx: Tx, tenantId: string, owner: string | null) =>
  tx`k.tenant_id = ${tenantId} and k.deleted_at is null and k.group_address is null ${owner === null ? tx`` : tx`and k.created_by = ${owner}`}`;
