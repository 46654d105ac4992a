import { CONVERSATION_STATUSES, type conversationApi, type RouteOutput } from '@recado/contracts';
import { type Database, readTenant, type Tx } from '@recado/database';
import { ofUnblocked } from '../contacts/blocked.ts';

type Counts = RouteOutput<typeof conversationApi.countConversations>;
type Row = Omit<Counts, 'byStatus'> & Record<string, number>;

/** How many conversations are open, by what lists filter. One look at the open ones of a tenant. */
export async function countOpen(db: Database, tenantId: string, userId: string | null): Promise<Counts> {
  const [[row]] = await readTenant(db, tenantId, (tx) => [selectCounts(tx, tenantId, userId)]);
  const { open, unassigned, mine, unread, mineUnread, snoozed, mineSnoozed } = row!;
  const byStatus = Object.fromEntries(OPEN.map((status) => [status, row![status]!]));
  return { open, unassigned, mine, unread, mineUnread, snoozed, mineSnoozed, byStatus };
}

const OPEN = CONVERSATION_STATUSES.filter((status) => status !== 'closed');

function selectCounts(tx: Tx, tenantId: string, userId: string | null) {
  const here = tx`not x.away`;
  const mine = tx`x.assigned_user_id = ${userId}::uuid`;
  const of = (condition: ReturnType<typeof ofUnblocked>) => tx`count(*) filter (where ${condition})::int`;
  return tx<Row[]>`
    select ${of(here)} as open, ${of(tx`${here} and x.assigned_user_id is null`)} as unassigned,
           ${of(tx`${here} and ${mine}`)} as mine, ${of(tx`${here} and x.unread_count > 0`)} as unread,
           ${of(tx`${here} and ${mine} and x.unread_count > 0`)} as "mineUnread", ${of(tx`x.away`)} as snoozed,
           ${of(tx`x.away and ${mine}`)} as "mineSnoozed"
           ${OPEN.map((status) => tx`, ${of(tx`${here} and x.status = ${status}`)} as ${tx(status)}`)}
    from (
      select c.status, c.assigned_user_id, c.unread_count, coalesce(c.snoozed_until > now(), false) as away
      from conversations c where c.tenant_id = ${tenantId} and c.status <> 'closed' and ${ofUnblocked(tx)}
    ) x`;
}
