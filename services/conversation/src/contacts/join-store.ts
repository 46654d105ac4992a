import type { Tx } from '@recado/database';
import { type ConversationRow, conversationColumns } from '../conversations/store.ts';
import { moveSurveys } from '../surveys/store.ts';
import { moveTasks } from '../tasks/remove.ts';
import { chatsToClose, type OpenChat } from './merge-rules.ts';

/**
 * Gives all that hangs on locked contacts to another locked one, and deletes them. A channel keeps
 * one open chat (merge-rules.ts). Returns the conversations that changed.
 */
export async function takeOver(
  tx: Tx,
  tenantId: string,
  from: readonly string[],
  into: string,
): Promise<ConversationRow[]> {
  const others = from as string[];
  await tx`
    update contact_identities set contact_id = ${into} where tenant_id = ${tenantId} and contact_id = any(${others}::uuid[])`;
  await tx`
    insert into former_identities as f (tenant_id, kind, value, contact_id, until)
    select tenant_id, kind, value, ${into}::uuid, max(until) from former_identities
    where tenant_id = ${tenantId} and contact_id = any(${others}::uuid[]) group by tenant_id, kind, value
    on conflict (tenant_id, kind, value, contact_id) do update set until = greatest(f.until, excluded.until)`;
  await tx`delete from former_identities where tenant_id = ${tenantId} and contact_id = any(${others}::uuid[])`;
  const rows = await moveChats(tx, tenantId, others, into);
  for (const one of others) await moveTasks(tx, tenantId, one, into);
  await moveRest(tx, tenantId, others, into);
  await tx`delete from contacts where tenant_id = ${tenantId} and id = any(${others}::uuid[])`;
  return rows;
}

async function moveChats(tx: Tx, tenantId: string, others: string[], into: string): Promise<ConversationRow[]> {
  const open = await tx<OpenChat[]>`
    select c.id, c.contact_id as "contactId", c.channel_id as "channelId", c.assigned_user_id as "assignedUserId",
           c.last_message_at as "lastMessageAt"
    from conversations c
    where c.tenant_id = ${tenantId} and c.contact_id = any(${[into, ...others]}::uuid[]) and c.status <> 'closed'
    order by c.channel_id, c.contact_id, c.id for update`;
  const closing = chatsToClose(open, into);
  const closed =
    closing.length === 0
      ? []
      : await tx<ConversationRow[]>`
          update conversations c set status = 'closed', closed_at = now(), version = c.version + 1, updated_at = now()
          where c.tenant_id = ${tenantId} and c.id = any(${closing}::uuid[]) returning ${conversationColumns(tx)}`;
  const moved = await tx<ConversationRow[]>`
    update conversations c set contact_id = ${into}, version = c.version + 1, updated_at = now()
    where c.tenant_id = ${tenantId} and c.contact_id = any(${others}::uuid[]) returning ${conversationColumns(tx)}`;
  const ids = new Set(moved.map(({ id }) => id));
  return [...closed.filter(({ id }) => !ids.has(id)), ...moved];
}

async function moveRest(tx: Tx, tenantId: string, others: string[], into: string): Promise<void> {
  await Promise.all([
    tx`
      insert into contact_tags (tenant_id, contact_id, tag_id, added_at)
      select tenant_id, ${into}::uuid, tag_id, min(added_at) from contact_tags
      where tenant_id = ${tenantId} and contact_id = any(${others}::uuid[]) group by tenant_id, tag_id
      on conflict do nothing`,
    tx`delete from contact_tags where tenant_id = ${tenantId} and contact_id = any(${others}::uuid[])`,
    tx`
      insert into group_contacts (tenant_id, group_id, contact_id, added_by, added_at)
      select distinct on (group_id) tenant_id, group_id, ${into}::uuid, added_by, added_at from group_contacts
      where tenant_id = ${tenantId} and contact_id = any(${others}::uuid[]) order by group_id, added_at
      on conflict do nothing`,
    tx`delete from group_contacts where tenant_id = ${tenantId} and contact_id = any(${others}::uuid[])`,
    ...others.map((one) => moveSurveys(tx, tenantId, one, into)),
    tx`delete from board_cards where tenant_id = ${tenantId} and card_id = any(${others}::uuid[])`,
    tx`update contact_events set contact_id = ${into} where tenant_id = ${tenantId} and contact_id = any(${others}::uuid[])`,
  ]);
}
