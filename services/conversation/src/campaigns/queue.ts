import type { Tx } from '@recado/database';
import type { Slice } from '@recado/service-kit';
import { ofUnblocked } from '../contacts/blocked.ts';

/** What waits in a campaign for an agent; the table is `c`, and `conversations_queue` its index. */
export const waiting = (tx: Tx, tenantId: string, campaignId: string) => tx`
  c.tenant_id = ${tenantId} and c.campaign_id = ${campaignId} and c.status = 'queued' and c.assigned_user_id is null
  and ${ofUnblocked(tx)}`;

interface QueuedRow {
  id: string;
  queuedAt: Date;
  contactId: string;
  contactName: string | null;
  contactPhone: string | null;
}

/** A page of the queue, the oldest first. */
export const selectQueue = (
  tx: Tx,
  tenantId: string,
  campaignId: string,
  { after, limit, offset }: Slice<{ at: string; id: string }>,
) => tx<QueuedRow[]>`
  select c.id, coalesce(c.queued_at, c.created_at) as "queuedAt", k.id as "contactId", k.name as "contactName",
         coalesce(c.peer_phone, k.phone) as "contactPhone"
  from (
    select * from conversations c
    where ${waiting(tx, tenantId, campaignId)}
      ${after ? tx`and (coalesce(c.queued_at, c.created_at), c.id) > (${after.at}::timestamptz, ${after.id}::uuid)` : tx``}
    order by coalesce(c.queued_at, c.created_at), c.id limit ${limit} offset ${offset}
  ) c join contacts k on k.tenant_id = c.tenant_id and k.id = c.contact_id
  order by coalesce(c.queued_at, c.created_at), c.id`;

export const countQueue = (tx: Tx, tenantId: string, campaignId: string) =>
  tx<{ count: number }[]>`
    select count(*)::int as count from conversations c where ${waiting(tx, tenantId, campaignId)}`;
