import type { Tx } from '@recado/database';

/**
 * The contacts of the address book that are there for somebody (service-kit's ownerSeenBy); the table is `k`. Every statement about the address
 * book goes through here. Who is known by messages alone has no creator, so only those who see all see them.
 */
export const seenContacts = (tx: Tx, tenantId: string, owner: string | null) =>
  tx`k.tenant_id = ${tenantId} and k.deleted_at is null ${owner === null ? tx`` : tx`and k.created_by = ${owner}`}`;
