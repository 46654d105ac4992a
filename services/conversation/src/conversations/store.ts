import { columns, type Tx } from '@recado/database';
import { cutText } from '@recado/service-kit';
import { joined, texts } from '../columns.ts';
import type { ContactRow } from '../contacts/store.ts';
import type { NewMessage } from '../messages/store.ts';
import { conversations } from '../schema.ts';

/** The columns of a ConversationRow; the table is `c` in every statement. */
export const conversationColumns = columns(conversations, { alias: 'c', except: ['activeAt', 'version'] });
export type ConversationRow = typeof conversationColumns.$row;

/** A conversation with its contact's columns, as views need it. */
export type ConversationWithContact = ConversationRow & {
  contactName: ContactRow['name'];
  contactFirstName: ContactRow['firstName'];
  contactLastName: ContactRow['lastName'];
  contactPhone: ContactRow['phone'];
  contactEmail: ContactRow['email'];
  contactAvatarUrl: ContactRow['avatarUrl'];
  contactUsername: ContactRow['username'];
  contactGroupAddress: ContactRow['groupAddress'];
  contactMarketingStoppedAt: ContactRow['marketingStoppedAt'];
  contactBlockedAt: ContactRow['blockedAt'];
  contactCreatedAt: ContactRow['createdAt'];
};

/** The contact's columns beside them; its table is `k`. */
export const contactColumns = (tx: Tx) => tx`
  k.name as "contactName", k.first_name as "contactFirstName", k.last_name as "contactLastName", k.phone as "contactPhone", k.email as "contactEmail", k.avatar_url as "contactAvatarUrl",
  k.username as "contactUsername", k.group_address as "contactGroupAddress",
  k.marketing_stopped_at as "contactMarketingStoppedAt", k.blocked_at as "contactBlockedAt",
  k.created_at as "contactCreatedAt"`;

/** What a batch adds to one open conversation. */
export interface ConversationDelta
  extends Pick<
    ConversationRow,
    'tenantId' | 'channelId' | 'provider' | 'contactId' | 'peerWaId' | 'peerPhone' | 'peerUserId' | 'status'
  > {
  /** Of the conversation that is made when none is open. */
  newId: string;
  unread: number;
  count: number;
  lastMessage: Pick<NewMessage, 'id' | 'content' | 'direction' | 'type' | 'sentTime'>;
  lastInboundAt: string | null;
}

/** Characters of a message kept on its conversation. */
const PREVIEW = 1000;
export const preview = (content: string): string => cutText(content, PREVIEW);

const lockKey = (d: ConversationDelta) => `${d.tenantId} ${d.channelId} ${d.contactId}`;

/** The columns of an OpenConversation. */
export const openColumns = columns(conversations, {
  alias: 'c',
  only: ['tenantId', 'id', 'channelId', 'contactId', 'status', 'assignedUserId', 'campaignId', 'snoozedUntil'],
});
/** What a batch of received messages needs to know of the conversation it went to. */
export type OpenConversation = typeof openColumns.$row;

/**
 * Adds to the open conversation of each (channel, contact), or opens one (its id is `newId`).
 * Commutes: counters add up, and the latest message wins. Locks by tenant, channel, contact.
 */
export const upsertOpenConversations = (tx: Tx, deltas: readonly ConversationDelta[]) =>
  tx<ConversationRow[]>`${upsert(tx, deltas, tx``)} returning ${conversationColumns(tx)}`;

/**
 * The same for a batch, with few columns back: they are a fifth of the cost. `checked` leaves out
 * conversations without their contact, which no foreign key refuses.
 */
export const addToOpenConversations = (tx: Tx, deltas: readonly ConversationDelta[], checked: boolean) =>
  tx<OpenConversation[]>`${upsert(
    tx,
    deltas,
    checked
      ? tx`where exists (
      select from contacts k where k.tenant_id = n.tenant_id and k.id = n.contact_id)`
      : tx``,
  )}
    returning ${openColumns(tx)}`;

function upsert(tx: Tx, deltas: readonly ConversationDelta[], condition: ReturnType<typeof later>) {
  const d = deltas.length === 1 ? deltas : deltas.toSorted((a, b) => (lockKey(a) < lockKey(b) ? -1 : 1));
  const text = (of: (delta: ConversationDelta) => string | null) => texts(tx, d.map(of));
  const list = (of: (delta: ConversationDelta) => string | number | null) => joined(d.map(of));
  return tx`
    insert into conversations as c (
      tenant_id, id, channel_id, provider, contact_id, peer_wa_id, peer_phone, peer_user_id, status, unread_count,
      message_count, last_message_id, last_message_content, last_message_direction, last_message_type, last_message_at,
      last_inbound_at, awaited_since, inbound_count)
    select *, last_inbound_at, unread_count from unnest(
      ${list((r) => r.tenantId)}::uuid[], ${list((r) => r.newId)}::uuid[], ${list((r) => r.channelId)}::uuid[],
      ${text((r) => r.provider)}, ${list((r) => r.contactId)}::uuid[], ${text((r) => r.peerWaId)},
      ${text((r) => r.peerPhone)}, ${text((r) => r.peerUserId)}, ${text((r) => r.status)},
      ${list((r) => r.unread)}::int[], ${list((r) => r.count)}::int[], ${list((r) => r.lastMessage.id)}::uuid[],
      ${text((r) => preview(r.lastMessage.content))}, ${text((r) => r.lastMessage.direction)},
      ${text((r) => r.lastMessage.type)}, ${list((r) => r.lastMessage.sentTime)}::timestamptz[],
      ${list((r) => r.lastInboundAt)}::timestamptz[]) as n (
        tenant_id, id, channel_id, provider, contact_id, peer_wa_id, peer_phone, peer_user_id, status, unread_count,
        message_count, last_message_id, last_message_content, last_message_direction, last_message_type, last_message_at,
        last_inbound_at)
    ${condition}
    on conflict (tenant_id, channel_id, contact_id) where status <> 'closed' do update set
      unread_count = c.unread_count + excluded.unread_count,
      message_count = c.message_count + excluded.message_count,
      last_message_id = case when ${later(tx)} then excluded.last_message_id else c.last_message_id end,
      last_message_content = case when ${later(tx)} then excluded.last_message_content else c.last_message_content end,
      last_message_direction = case when ${later(tx)} then excluded.last_message_direction else c.last_message_direction end,
      last_message_type = case when ${later(tx)} then excluded.last_message_type else c.last_message_type end,
      last_message_at = greatest(c.last_message_at, excluded.last_message_at),
      peer_wa_id = case when ${laterInbound(tx)} then excluded.peer_wa_id else c.peer_wa_id end,
      peer_phone = case when ${laterInbound(tx)} then excluded.peer_phone else c.peer_phone end,
      peer_user_id = case when ${laterInbound(tx)} then excluded.peer_user_id else c.peer_user_id end,
      last_inbound_at = greatest(c.last_inbound_at, excluded.last_inbound_at),
      inbound_count = c.inbound_count + excluded.inbound_count,
      awaited_since = coalesce(c.awaited_since, excluded.awaited_since),
      version = c.version + 1,
      updated_at = now()`;
}

const later = (tx: Tx) => tx`(c.last_message_id is null
  or (excluded.last_message_at, excluded.last_message_id) > (c.last_message_at, c.last_message_id))`;
const laterInbound = (tx: Tx) =>
  tx`excluded.last_inbound_at is not null and (c.last_inbound_at is null or excluded.last_inbound_at >= c.last_inbound_at)`;

/** Locks conversations in the common order and returns them as they stand after the wait. */
export function lockConversations(tx: Tx, keys: readonly { tenantId: string; id: string }[]) {
  return tx<ConversationRow[]>`
    select ${conversationColumns(tx)}
    from unnest(${keys.map((k) => k.tenantId)}::uuid[], ${keys.map((k) => k.id)}::uuid[]) as w (tenant_id, id)
    join conversations c using (tenant_id, id)
    order by c.tenant_id, c.channel_id, c.contact_id, c.id
    for update of c`;
}

/**
 * Locks one conversation and returns it, with its contact, as it stands after the wait; null when
 * the tenant has none such.
 */
export async function lockConversation(tx: Tx, tenantId: string, id: string): Promise<ConversationWithContact | null> {
  const [row] = await tx<ConversationWithContact[]>`
    select ${conversationColumns(tx)}, ${contactColumns(tx)}
    from conversations c join contacts k on k.tenant_id = c.tenant_id and k.id = c.contact_id
    where c.tenant_id = ${tenantId} and c.id = ${id}
    for update of c`;
  return row ?? null;
}

/** Closes the open conversations of a locked contact who was erased: one for each channel. */
export const closeErased = (tx: Tx, tenantId: string, contactId: string, now: Date) =>
  tx<ConversationWithContact[]>`
    with open as (
      select c.id from conversations c
      where c.tenant_id = ${tenantId} and c.contact_id = ${contactId} and c.status <> 'closed'
      order by c.channel_id, c.id for update
    )
    update conversations c set status = 'closed', closed_at = ${now}, unread_count = 0, peer_wa_id = null,
      peer_phone = null, peer_user_id = null, last_message_content = null, version = c.version + 1, updated_at = now()
    from open o, contacts k
    where c.tenant_id = ${tenantId} and c.id = o.id and k.tenant_id = c.tenant_id and k.id = c.contact_id
    returning ${conversationColumns(tx)}, ${contactColumns(tx)}`;

/** The open conversations of a contact: one for each channel. */
export const selectOpenOf = (tx: Tx, tenantId: string, contactId: string) =>
  tx<ConversationWithContact[]>`
    select ${conversationColumns(tx)}, ${contactColumns(tx)}
    from conversations c join contacts k on k.tenant_id = c.tenant_id and k.id = c.contact_id
    where c.tenant_id = ${tenantId} and c.contact_id = ${contactId} and c.status <> 'closed' order by c.id`;

/** Whether nothing is known any more of whom it was with. */
export async function isOfErased(tx: Tx, { tenantId, contactId }: ConversationRow): Promise<boolean> {
  const rows = await tx`
    select from contacts where tenant_id = ${tenantId} and id = ${contactId} and erased_at is not null`;
  return rows.length > 0;
}

/** Writes what people change on a conversation; the caller holds the lock. */
export async function patchConversation(tx: Tx, c: ConversationRow): Promise<ConversationRow> {
  const [row] = await tx<ConversationRow[]>`
    update conversations c set
      status = ${c.status}, assigned_user_id = ${c.assignedUserId}, assigned_at = ${c.assignedAt},
      closed_at = ${c.closedAt}, close_reason = ${c.closeReason}, outcome = ${c.outcome},
      outcome_value = ${c.outcomeValue}, priority = ${c.priority}, archived = ${c.archived},
      campaign_id = ${c.campaignId}, queued_at = ${c.queuedAt}, snoozed_until = ${c.snoozedUntil},
      reopen_count = ${c.reopenCount},
      version = c.version + 1, updated_at = now()
    where c.tenant_id = ${c.tenantId} and c.id = ${c.id}
    returning ${conversationColumns(tx)}`;
  return row!;
}

/** What accepting an outbound message changes on its (locked) conversation. */
export interface OutboundChange extends Pick<ConversationRow, 'tenantId' | 'id' | 'status' | 'firstResponseAt'> {
  /** A person who writes has read. */
  read: boolean;
  count: number;
  lastMessage: ConversationDelta['lastMessage'];
}

/** Writes outbound changes; the caller holds the locks. Returns the rows as they stand. */
export function applyOutbound(tx: Tx, changes: readonly OutboundChange[]) {
  return tx<ConversationRow[]>`
    update conversations c set
      status = o.status,
      first_response_at = o.first_response_at::timestamptz,
      unread_count = case when o.read = 1 then 0 else c.unread_count end,
      answer_count = c.answer_count + case when o.read = 1 and c.awaited_since is not null then 1 else 0 end,
      answer_seconds = c.answer_seconds + case when o.read = 1 and c.awaited_since is not null
        then least(greatest(extract(epoch from o.sent_time - c.awaited_since), 0), 2147483647 - c.answer_seconds)::int else 0 end,
      awaited_since = case when o.read = 1 then null else c.awaited_since end,
      message_count = c.message_count + o.count,
      last_message_id = case when o.newer then o.message_id else c.last_message_id end,
      last_message_content = case when o.newer then o.content else c.last_message_content end,
      last_message_direction = case when o.newer then o.direction else c.last_message_direction end,
      last_message_type = case when o.newer then o.type else c.last_message_type end,
      last_message_at = greatest(c.last_message_at, o.sent_time),
      version = c.version + 1,
      updated_at = now()
    from (
      select u.*, (u.sent_time, u.message_id) > (x.last_message_at, x.last_message_id) or x.last_message_id is null as newer
      from (
        select tenant_id, id, status, first_response_at, read, count, message_id, content, direction, type,
               sent_time::timestamptz as sent_time
        from unnest(
          ${changes.map((r) => r.tenantId)}::uuid[], ${changes.map((r) => r.id)}::uuid[],
          ${changes.map((r) => r.status)}::text[], ${changes.map((r) => r.firstResponseAt?.toISOString() ?? null)}::text[],
          ${changes.map((r) => (r.read ? 1 : 0))}::int[], ${changes.map((r) => r.count)}::int[],
          ${changes.map((r) => r.lastMessage.id)}::uuid[], ${changes.map((r) => preview(r.lastMessage.content))}::text[],
          ${changes.map((r) => r.lastMessage.direction)}::text[], ${changes.map((r) => r.lastMessage.type)}::text[],
          ${changes.map((r) => r.lastMessage.sentTime)}::text[]
        ) as p (tenant_id, id, status, first_response_at, read, count, message_id, content, direction, type, sent_time)
      ) u join conversations x using (tenant_id, id)
    ) o
    where c.tenant_id = o.tenant_id and c.id = o.id
    returning ${conversationColumns(tx)}`;
}

/**
 * Shows messages as they are by now on the conversations whose last they are. A deleted one has no
 * preview at all. Returns those conversations.
 */
export function showLastMessages(
  tx: Tx,
  rows: readonly Pick<NewMessage, 'tenantId' | 'conversationId' | 'id' | 'type' | 'content' | 'details'>[],
) {
  const shown = rows.map((r) => (r.details?.changed?.kind === 'deleted' ? null : preview(r.content)));
  return tx<ConversationRow[]>`
    update conversations c set
      last_message_content = n.content, last_message_type = n.type, version = c.version + 1, updated_at = now()
    from unnest(${rows.map((r) => r.tenantId)}::uuid[], ${rows.map((r) => r.conversationId)}::uuid[],
                ${rows.map((r) => r.id)}::uuid[], ${rows.map((r) => r.type)}::text[], ${shown}::text[])
      as n (tenant_id, id, message_id, type, content)
    where c.tenant_id = n.tenant_id and c.id = n.id and c.last_message_id = n.message_id
    returning ${conversationColumns(tx)}`;
}

/**
 * Undoes the addition of messages that another copy had stored already. The real rows decide the
 * last message. A conversation opened only for them goes away.
 */
export async function takeBack(
  tx: Tx,
  deltas: readonly { tenantId: string; id: string; count: number }[],
): Promise<void> {
  const tenants = deltas.map((d) => d.tenantId);
  const ids = deltas.map((d) => d.id);
  await tx`
    update conversations c set
      message_count = c.message_count - d.count,
      unread_count = greatest(c.unread_count - d.count, 0), inbound_count = greatest(c.inbound_count - d.count, 0),
      last_message_id = m.id, last_message_content = left(m.content, ${PREVIEW}), last_message_direction = m.direction,
      last_message_type = m.type, last_message_at = coalesce(m.sent_time, c.last_message_at),
      awaited_since = case when m.author = 'user' then null else c.awaited_since end
    from unnest(${tenants}::uuid[], ${ids}::uuid[], ${deltas.map((d) => d.count)}::int[]) as d (tenant_id, id, count)
    left join lateral (
      select m.id, m.content, m.direction, m.type, m.sent_time, m.author from messages m
      where m.tenant_id = d.tenant_id and m.conversation_id = d.id and m.type <> 'reaction'
        and (m.type <> 'system' or m.details ? 'call') order by m.sent_time desc, m.id desc limit 1
    ) m on true
    where c.tenant_id = d.tenant_id and c.id = d.id`;
  await tx`
    delete from conversations c using unnest(${tenants}::uuid[], ${ids}::uuid[]) as d (tenant_id, id)
    where c.tenant_id = d.tenant_id and c.id = d.id and c.message_count <= 0 and c.last_message_id is null`;
}
