import type { conversationApi, RouteInput } from '@recado/contracts';
import { columns, type Tx } from '@recado/database';
import { NotFound, type Slice } from '@recado/service-kit';
import { scheduledMessages } from '../schema.ts';

/** A message that is sent later; the table is `s`. */
const scheduledColumns = columns(scheduledMessages, { alias: 's' });
export type ScheduledRow = typeof scheduledColumns.$row;

/** With what decides on it in its chat. */
export type ScheduledInChat = ScheduledRow & {
  lastInboundAt: Date | null;
  contactName: string | null;
  assignedUserId: string | null;
};

const inChat = (tx: Tx) => tx`
  ${scheduledColumns(tx)}, c.last_inbound_at as "lastInboundAt", k.name as "contactName",
  c.assigned_user_id as "assignedUserId"`;
const withChat = (tx: Tx) => tx`
  join conversations c on c.tenant_id = s.tenant_id and c.id = s.conversation_id
  join contacts k on k.tenant_id = c.tenant_id and k.id = c.contact_id`;

/** Still waiting, unless the customer's message ended it. */
const waits = (tx: Tx) => tx`(
  s.status = 'scheduled' and not (s.cancel_on_reply and coalesce(c.last_inbound_at > s.created_at, false)))`;

type Query = RouteInput<typeof conversationApi.listScheduledMessages>['query'];
export interface ScheduledPlace {
  at: string;
  id: string;
}
export interface InChat {
  tenantId: string;
  conversationId: string;
  status?: Query['status'];
}

function matching(tx: Tx, { tenantId, conversationId, status }: InChat) {
  const ended = tx`(s.status = 'cancelled' or (s.status = 'scheduled' and not ${waits(tx)}))`;
  const wanted = status === 'scheduled' ? waits(tx) : status === 'cancelled' ? ended : tx`s.status = ${status ?? ''}`;
  return tx`s.tenant_id = ${tenantId} and s.conversation_id = ${conversationId} ${status ? tx`and ${wanted}` : tx``}`;
}

/** A page of a chat's, the next to be sent first. */
export const selectScheduled = (tx: Tx, filter: InChat, { after, limit, offset }: Slice<ScheduledPlace>) =>
  tx<ScheduledInChat[]>`
    select ${inChat(tx)} from scheduled_messages s ${withChat(tx)} where ${matching(tx, filter)}
      ${after ? tx`and (s.send_at, s.id) > (${after.at}::text::timestamptz, ${after.id}::uuid)` : tx``}
    order by s.send_at, s.id limit ${limit} offset ${offset}`;

export const countScheduled = (tx: Tx, filter: InChat) =>
  tx<{ count: number }[]>`
    select count(*)::int as count from scheduled_messages s ${withChat(tx)} where ${matching(tx, filter)}`;

export const selectOne = (tx: Tx, { tenantId, conversationId }: InChat, id: string) =>
  tx<ScheduledInChat[]>`
    select ${inChat(tx)} from scheduled_messages s ${withChat(tx)}
    where s.tenant_id = ${tenantId} and s.conversation_id = ${conversationId} and s.id = ${id}`;

/** Locks it alone: its chat may be locked after it. */
export const selectLocked = (tx: Tx, tenantId: string, id: string) =>
  tx<ScheduledInChat[]>`
    select ${inChat(tx)} from scheduled_messages s ${withChat(tx)}
    where s.tenant_id = ${tenantId} and s.id = ${id} for update of s`;

/** @throws NotFound `scheduled_message` for one that the chat does not have */
export async function lockScheduled(tx: Tx, tenantId: string, id: string, chat: string): Promise<ScheduledInChat> {
  const [row] = await selectLocked(tx, tenantId, id);
  if (row?.conversationId !== chat) throw new NotFound('scheduled_message', id);
  return row;
}

/** How many wait in a chat and in the tenant, with facts of the chat; null without it. */
export async function countWaiting(tx: Tx, tenantId: string, conversationId: string) {
  const [row] = await tx<{ chat: number; tenant: number; contactName: string | null; assignedUserId: string | null }[]>`
    select (select count(*)::int from scheduled_messages s
            where s.tenant_id = c.tenant_id and s.conversation_id = c.id and ${waits(tx)}) as chat,
           (select count(*)::int from scheduled_messages s
            where s.tenant_id = c.tenant_id and s.status = 'scheduled') as tenant,
           k.name as "contactName", c.assigned_user_id as "assignedUserId"
    from conversations c join contacts k on k.tenant_id = c.tenant_id and k.id = c.contact_id
    where c.tenant_id = ${tenantId} and c.id = ${conversationId}`;
  return row ?? null;
}

export const insertScheduled = (tx: Tx, s: ScheduledRow) => tx`
  insert into scheduled_messages (tenant_id, id, conversation_id, user_id, api_key_id, content, send_at, cancel_on_reply,
    created_at, updated_at)
  values (${s.tenantId}, ${s.id}, ${s.conversationId}, ${s.userId}, ${s.apiKeyId}, ${JSON.stringify(s.content)}::text::jsonb, ${s.sendAt},
    ${s.cancelOnReply}, ${s.createdAt}, ${s.updatedAt})`;

/** Writes what may change of a locked one. */
export const patchScheduled = (tx: Tx, s: ScheduledRow) => tx`
  update scheduled_messages set content = ${JSON.stringify(s.content)}::text::jsonb, send_at = ${s.sendAt},
    cancel_on_reply = ${s.cancelOnReply}, status = ${s.status}, reason = ${s.reason}, error = ${s.error},
    message_id = ${s.messageId}, settled_at = ${s.settledAt}, updated_at = now()
  where tenant_id = ${s.tenantId} and id = ${s.id}`;

/** What was to be said in the chat of a contact that is erased. Their timers find nothing. */
export const eraseScheduled = (tx: Tx, tenantId: string, conversationId: string) => tx`
  delete from scheduled_messages where tenant_id = ${tenantId} and conversation_id = ${conversationId}`;

/** Drops those that were settled 90 days ago, at most 10,000. */
export const pruneScheduled = (tx: Tx) => tx`
  delete from scheduled_messages where ctid in (
    select ctid from scheduled_messages where settled_at < now() - interval '90 days' limit 10000)`;
