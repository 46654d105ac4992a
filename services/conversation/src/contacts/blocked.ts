import type { Tx } from '@recado/database';

/** Only conversations, the table `c`, whose contact is not blocked: no list shows the others. */
export const ofUnblocked = (tx: Tx) => tx`not exists (
  select from contacts b where b.tenant_id = c.tenant_id and b.id = c.contact_id and b.blocked_at is not null)`;
