import type { conversationApi, RouteInput } from '@recado/contracts';
import type { Tx } from '@recado/database';
import type { Found } from '../contacts/search.ts';
import { type Counted, cappedAt, MOST_COUNTED } from '../counted.ts';

export type ConversationQuery = RouteInput<typeof conversationApi.listConversations>['query'];
/** With the contacts that the search found. */
export type Wanted = ConversationQuery & { found?: Found | undefined };

/** Statuses of the index `conversations_waiting`. */
const WAITING: ReadonlySet<string> = new Set(['new', 'bot', 'queued', 'pending']);

/** The condition of a list's chats; the table is `c`. */
export function matches(tx: Tx, tenantId: string, q: Wanted) {
  // Few are blocked: an index of its own holds them, and they are hashed once. The conditions of
  // partial indexes are spelled out: Postgres does not see them in a parameter.
  return tx`c.tenant_id = ${tenantId}
    and c.contact_id not in (select b.id from contacts b where b.tenant_id = ${tenantId} and b.blocked_at is not null)
    ${q.statuses ? tx`and c.status = any(${q.statuses}::text[])` : tx``}
    ${q.statuses?.every((status) => WAITING.has(status)) ? tx`and c.status in ('new', 'bot', 'queued', 'pending')` : tx``}
    ${q.statuses && !q.statuses.includes('closed') ? tx`and c.status <> 'closed'` : tx``}
    ${q.archived === undefined ? tx`` : q.archived ? tx`and c.archived` : tx`and not c.archived`}
    ${q.snoozed === undefined ? tx`` : q.snoozed ? tx`and c.snoozed_until > now()` : tx`and (c.snoozed_until is null or c.snoozed_until <= now())`}
    ${q.channelId ? tx`and c.channel_id = ${q.channelId}` : tx``}
    ${q.assignedUserId ? tx`and c.assigned_user_id = ${q.assignedUserId}` : tx``}
    ${q.campaignId ? tx`and c.campaign_id = ${q.campaignId}` : tx``}
    ${q.priority ? tx`and c.priority = ${q.priority}` : tx``}
    ${q.priority && q.priority !== 'normal' ? tx`and c.priority <> 'normal'` : tx``}
    ${q.sla ? ofSla(tx, tenantId, q.sla) : tx``}
    ${q.from ? tx`and c.created_at >= ${q.from}::text::timestamptz` : tx``}
    ${q.to ? tx`and c.created_at <= ${q.to}::text::timestamptz` : tx``}
    ${q.found ? ofFound(tx, q.found) : tx``}`;
}

/** Open ones with a target that was missed, or that runs. An index of its own holds each kind. */
const ofSla = (tx: Tx, tenantId: string, sla: NonNullable<ConversationQuery['sla']>) => tx`
  and c.status <> 'closed' and c.id in (
    select s.conversation_id from conversation_clocks s
    where s.tenant_id = ${tenantId} and ${sla === 'breached' ? tx`s.is_breached` : tx`s.due_at is not null`})`;

/** `offset 0` keeps the test one by key: joined freely, Postgres may read all contacts. */
const ofFound = (tx: Tx, { ids, holds }: Found) =>
  holds
    ? tx`and exists (
        select from contacts k where k.tenant_id = c.tenant_id and k.id = c.contact_id and ${holds(tx)} offset 0)`
    : tx`and c.contact_id = any(${ids}::uuid[])`;

/** Of a search that found too many contacts to name: chats that it counts, and that it tests. */
const MOST_OF_MANY = 1000;
const MOST_TESTED = 2000;

/**
 * How many there are, up to 10,000; in a search for a frequent name up to 1,000. There the total is
 * capped as well when more chats would have to be tested.
 */
export async function countConversations(tx: Tx, tenantId: string, query: Wanted): Promise<Counted> {
  const { found, ...rest } = query;
  if (!found?.holds) return cappedAt(MOST_COUNTED, await countUpTo(tx, tenantId, query, MOST_COUNTED + 1));
  // The chats of the contacts that the search named are often enough.
  const some = await countUpTo(tx, tenantId, { ...rest, found: { ids: found.ids } }, MOST_OF_MANY + 1);
  if (some > MOST_OF_MANY) return cappedAt(MOST_OF_MANY, some);
  const [row] = await tx<{ tested: number; matched: number }[]>`
    select count(*)::int as tested, count(*) filter (where ${found.holds(tx)})::int as matched
    from (select c.contact_id from conversations c where ${matches(tx, tenantId, rest)} limit ${MOST_TESTED + 1}) c
    join contacts k on k.tenant_id = ${tenantId} and k.id = c.contact_id`;
  const total = Math.min(MOST_OF_MANY, Math.max(some, row!.matched));
  const isAll = row!.tested <= MOST_TESTED && row!.matched <= MOST_OF_MANY;
  return { total, ...(!isAll && { totalIsCapped: true }) };
}

async function countUpTo(tx: Tx, tenantId: string, query: Wanted, limit: number): Promise<number> {
  const [row] = await tx<{ count: number }[]>`
    select count(*)::int as count from (
      select from conversations c where ${matches(tx, tenantId, query)} limit ${limit}) counted`;
  return row!.count;
}
