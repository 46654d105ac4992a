import { type BuiltEvent, buildEvent, conversationUpdated } from '@recado/contracts';
import type { Tx } from '@recado/database';
import { selectOpenOf } from '../conversations/store.ts';
import { contactOf, conversationView } from '../conversations/views.ts';

/** Only conversations, the table `c`, whose contact is not blocked: no list shows the others. */
export const ofUnblocked = (tx: Tx) => tx`not exists (
  select from contacts b where b.tenant_id = c.tenant_id and b.id = c.contact_id and b.blocked_at is not null)`;

/**
 * Tells screens that the open chats of a locked contact leave their lists, or are back. Nothing
 * when the contact is as blocked as before.
 */
export async function blockedEvents(
  tx: Tx,
  tenantId: string,
  contactId: string,
  [before, after]: [Date | null, Date | null],
  traceparent: string | undefined,
): Promise<BuiltEvent[]> {
  if ((before === null) === (after === null)) return [];
  return (await selectOpenOf(tx, tenantId, contactId)).map((row) => {
    const data = { conversation: conversationView(row, contactOf(row)), changed: ['blocked'] };
    return buildEvent(conversationUpdated, { tenantId, subject: row.id, traceparent, data });
  });
}
