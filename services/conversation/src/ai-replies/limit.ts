import { buildEvent, conversationUpdated } from '@recado/contracts';
import type { TenantPlan, Tx } from '@recado/database';
import { enqueue } from '@recado/messaging';
import { findContacts } from '../contacts/store.ts';
import { type ConversationRow, conversationColumns } from '../conversations/store.ts';
import { conversationView } from '../conversations/views.ts';
import type { NewMessage } from '../messages/store.ts';
import { grantMessages } from '../usage/limits.ts';

/**
 * Counts stored replies in their tenants' months and deletes the last ones beyond the plans. They
 * are stored first, because only the unique key finds repeats, which are free.
 * @returns the ids of the deleted
 */
export async function takeBackOverLimit(
  tx: Tx,
  stored: readonly NewMessage[],
  plans: ReadonlyMap<string, TenantPlan>,
  now: Date,
): Promise<Set<string>> {
  const over = new Set<string>();
  // In the order of tenants, as everything that locks several months must.
  for (const tenantId of [...new Set(stored.map((message) => message.tenantId))].sort()) {
    const messages = stored.filter((message) => message.tenantId === tenantId);
    const granted = await grantMessages(tx, plans.get(tenantId)!, messages.length, now);
    for (const message of messages.slice(granted)) over.add(message.id);
  }
  const rows = stored.filter((message) => over.has(message.id));
  if (rows.length > 0) {
    await tx`
      delete from messages m using unnest(${rows.map((r) => r.tenantId)}::uuid[], ${rows.map((r) => r.id)}::uuid[])
        as d (tenant_id, id)
      where m.tenant_id = d.tenant_id and m.id = d.id`;
  }
  return over;
}

/**
 * Conversations that the AI may not answer any more wait for a person. The caller holds their
 * locks.
 */
export async function awaitPerson(
  tx: Tx,
  refused: readonly { message: NewMessage; traceparent: string | undefined }[],
): Promise<void> {
  if (refused.length === 0) return;
  const rows = await tx<ConversationRow[]>`
    update conversations c set status = 'queued', version = c.version + 1, updated_at = now()
    from (
      select distinct * from unnest(${refused.map(({ message }) => message.tenantId)}::uuid[],
                                    ${refused.map(({ message }) => message.conversationId)}::uuid[])
    ) as r (tenant_id, id)
    where c.tenant_id = r.tenant_id and c.id = r.id and c.status in ('new', 'bot')
    returning ${conversationColumns(tx)}`;
  const contacts = await findContacts(
    tx,
    rows.map((row) => ({ tenantId: row.tenantId, id: row.contactId })),
  );
  const contactById = new Map(contacts.map((contact) => [`${contact.tenantId} ${contact.id}`, contact]));
  const traces = new Map(refused.map(({ message, traceparent }) => [message.conversationId, traceparent]));
  await enqueue(
    tx,
    rows.map((row) => {
      const conversation = conversationView(row, contactById.get(`${row.tenantId} ${row.contactId}`)!);
      const about = { tenantId: row.tenantId, subject: row.id, traceparent: traces.get(row.id) };
      return buildEvent(conversationUpdated, { ...about, data: { conversation, changed: ['status'] } });
    }),
  );
}
