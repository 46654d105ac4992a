import type { TimelineKind } from '@recado/contracts';
import type { Tx } from '@recado/database';
import { seenTasks } from '../tasks/seen.ts';

export interface TimelineRow {
  kind: TimelineKind;
  at: Date;
  id: string;
  conversationId: string | null;
  channelId: string | null;
  userId: string | null;
  text: string | null;
  count: number | null;
  about: string | null;
}

export interface Place {
  at: string;
  kind: string;
  id: string;
}

export interface TimelineFilter {
  kind?: TimelineKind | undefined;
  from?: string | undefined;
  to?: string | undefined;
}

/** What a caller sees of a timeline; `tasksOf`: null for all tasks, undefined for none. */
export interface Sight {
  chats: boolean;
  tasksOf: string | null | undefined;
}

type Part = ReturnType<Tx>;

/**
 * A page of what happened with a contact. Each part is read by an index, and no further than the
 * page. Messages are not read at all: their chats know their number and the last one's time.
 */
export function selectTimeline(
  tx: Tx,
  tenantId: string,
  contactId: string,
  filter: TimelineFilter,
  { after, limit }: { after: Place | null; limit: number },
  { chats, tasksOf }: Sight,
) {
  const parts = [
    created(tx, tenantId, contactId),
    events(tx, tenantId, contactId, chats),
    ...(chats ? chatParts(tx, tenantId, contactId) : []),
    ...(tasksOf === undefined ? [] : taskParts(tx, tenantId, contactId, tasksOf)),
  ];
  const within = tx`
    true ${filter.kind ? tx`and p.kind = ${filter.kind}` : tx``}
    ${filter.from ? tx`and p.at >= ${filter.from}::text::timestamptz` : tx``}
    ${filter.to ? tx`and p.at <= ${filter.to}::text::timestamptz` : tx``}
    ${after ? tx`and p.at <= ${after.at}::text::timestamptz and (p.at, p.kind, p.id) < (${after.at}::text::timestamptz, ${after.kind}::text collate "C", ${after.id}::uuid)` : tx``}`;
  const order = tx`order by p.at desc, p.kind desc, p.id desc limit ${limit}`;
  const named = tx`(kind, at, id, "conversationId", "channelId", "userId", text, count, about)`;
  const all = parts.map(
    (rows, i) => tx`${i === 0 ? tx`` : tx`union all`} (select p.* from (${rows}) p ${named} where ${within} ${order})`,
  );
  return tx<TimelineRow[]>`select p.* from (${all}) p ${order}`;
}

const kindIs = (tx: Tx, kind: TimelineKind) => tx`${kind}::text collate "C" as kind`;

const created = (tx: Tx, tenantId: string, contactId: string): Part => tx`
  select ${kindIs(tx, 'contact.created')}, k.created_at as at, k.id, null::uuid as "conversationId",
    null::uuid as "channelId", k.created_by as "userId", null::text as text, null::int as count, null::uuid as about
  from contacts k where k.tenant_id = ${tenantId} and k.id = ${contactId}`;

const events = (tx: Tx, tenantId: string, contactId: string, chats: boolean): Part => tx`
  select e.kind collate "C" as kind, e.at, e.id, e.conversation_id, c.channel_id, e.user_id, null::text, null::int,
    coalesce(e.data->>'userId', e.data->>'campaignId', e.data->>'contactId', e.data->>'importId')::uuid
  from contact_events e
  left join conversations c on c.tenant_id = e.tenant_id and c.id = e.conversation_id
  where e.tenant_id = ${tenantId} and e.contact_id = ${contactId}
    ${chats ? tx`` : tx`and e.conversation_id is null`}`;

const chatParts = (tx: Tx, tenantId: string, contactId: string): Part[] => [
  tx`
    select ${kindIs(tx, 'chat.opened')}, c.created_at, c.id, c.id, c.channel_id, null::uuid, null::text, null::int,
      c.campaign_id
    from conversations c where c.tenant_id = ${tenantId} and c.contact_id = ${contactId}`,
  tx`
    select ${kindIs(tx, 'chat.messages')}, c.last_message_at, c.id, c.id, c.channel_id, null::uuid, null::text,
      c.message_count, null::uuid
    from conversations c
    where c.tenant_id = ${tenantId} and c.contact_id = ${contactId} and c.last_message_id is not null`,
  tx`
    select ${kindIs(tx, 'note')}, n.created_at, n.id, n.conversation_id, c.channel_id, n.user_id, n.content, null::int,
      null::uuid
    from conversations c
    join conversation_notes n on n.tenant_id = c.tenant_id and n.conversation_id = c.id
    where c.tenant_id = ${tenantId} and c.contact_id = ${contactId}`,
];

const taskParts = (tx: Tx, tenantId: string, contactId: string, person: string | null): Part[] => [
  tx`
    select ${kindIs(tx, 'task')}, t.created_at, t.id, t.conversation_id, null::uuid, t.created_by, t.title, null::int,
      t.assigned_user_id
    from tasks t where ${seenTasks(tx, tenantId, person)} and t.contact_id = ${contactId}`,
  tx`
    select ${kindIs(tx, 'task.completed')}, t.completed_at, t.id, t.conversation_id, null::uuid, t.completed_by, t.title,
      null::int, null::uuid
    from tasks t
    where ${seenTasks(tx, tenantId, person)} and t.contact_id = ${contactId} and t.completed_at is not null`,
];
