import type { Tx } from '@recado/database';
import { preview } from '../conversations/store.ts';
import type { NewMessage } from '../messages/store.ts';
import type { Item } from './batch.ts';

/**
 * Echoes of sends of ours whose answer is not known yet, with our id of each. The same words to the
 * same person within an hour tell them; some kinds get their words from the driver alone.
 */
export async function findOwnSends(tx: Tx, echoes: readonly Item[]): Promise<Map<Item, string>> {
  const own = new Map<Item, string>();
  if (echoes.length === 0) return own;
  const rows = await tx<{ n: number; id: string }[]>`
    select e.n::int as n, m.id
    from unnest(${echoes.map((e) => e.tenantId)}::uuid[], ${echoes.map((e) => e.channelId)}::uuid[],
                ${echoes.map((e) => e.contact.id)}::uuid[], ${echoes.map((e) => e.data.type)}::text[],
                ${echoes.map((e) => e.data.content)}::text[]) with ordinality
      as e (tenant_id, channel_id, contact_id, type, content, n)
    join conversations c on c.tenant_id = e.tenant_id and c.contact_id = e.contact_id and c.channel_id = e.channel_id
    join messages m on m.tenant_id = c.tenant_id and m.conversation_id = c.id and m.direction = 'outbound'
      and m.provider_message_id is null
      and case when m.type = 'interactive' and e.type <> 'interactive'
               -- Choices went out as text, under the same words.
               then m.content <> '' and position(m.content in e.content) > 0
               when m.type = 'contacts' and e.type = 'text'
               then position(coalesce(m.details->'contacts'->0->>'name', chr(0x1f)) in e.content) > 0
               else m.type = e.type and (m.content = e.content
                 or (m.content = '' and m.type in ('document', 'location', 'contacts'))) end
      and m.sent_time > now() - interval '1 hour' and m.status in ('pending', 'failed')
    order by e.n, m.sent_time, m.id`;
  const taken = new Set<string>();
  for (const { n, id } of rows) {
    const echo = echoes[n - 1]!;
    if (own.has(echo) || taken.has(id)) continue;
    own.set(echo, id);
    taken.add(id);
  }
  return own;
}

/** Inserts messages of either direction, each once by its provider's id. */
export function insertSynced(tx: Tx, rows: readonly NewMessage[]) {
  return tx`
    insert into messages (tenant_id, id, conversation_id, channel_id, direction, type, content, metadata, status,
                          provider_message_id, author, reply_to_provider_message_id, sent_time, sent_at, created_at, details)
    select tenant_id, id, conversation_id, channel_id, direction, type, content, metadata, status, provider_id, author,
           reply_to, sent_time, case when direction = 'outbound' then sent_time end, created_at, details
    from unnest(${rows.map((r) => r.tenantId)}::uuid[], ${rows.map((r) => r.id)}::uuid[],
                ${rows.map((r) => r.conversationId)}::uuid[], ${rows.map((r) => r.channelId)}::uuid[],
                ${rows.map((r) => r.direction)}::text[], ${rows.map((r) => r.type)}::text[],
                ${rows.map((r) => r.content)}::text[],
                ${rows.map((r) => r.metadata && JSON.stringify(r.metadata))}::text[]::jsonb[],
                ${rows.map((r) => r.status)}::text[], ${rows.map((r) => r.providerMessageId)}::text[],
                ${rows.map((r) => r.author)}::text[], ${rows.map((r) => r.replyToProviderMessageId)}::text[],
                ${rows.map((r) => r.sentTime)}::text[]::timestamptz[],
                ${rows.map((r) => r.createdAt.toISOString())}::text[]::timestamptz[],
                ${rows.map((r) => r.details && JSON.stringify(r.details))}::text[]::jsonb[])
      as n (tenant_id, id, conversation_id, channel_id, direction, type, content, metadata, status, provider_id, author,
            reply_to, sent_time, created_at, details)
    on conflict do nothing`;
}

/** Counts history on its conversations; nothing of it is unread. */
export async function addHistory(tx: Tx, rows: readonly NewMessage[]): Promise<void> {
  if (rows.length === 0) return;
  await tx`
    with added as (
      select tenant_id, conversation_id, count(*)::int as count,
             max(sent_time) filter (where direction = 'inbound') as last_inbound_at,
             (array_agg(id order by sent_time desc, id desc))[1] as id,
             (array_agg(content order by sent_time desc, id desc))[1] as content,
             (array_agg(direction order by sent_time desc, id desc))[1] as direction,
             (array_agg(type order by sent_time desc, id desc))[1] as type, max(sent_time) as sent_time
      from unnest(${rows.map((r) => r.tenantId)}::uuid[], ${rows.map((r) => r.conversationId)}::uuid[],
                  ${rows.map((r) => r.id)}::uuid[], ${rows.map((r) => preview(r.content))}::text[],
                  ${rows.map((r) => r.direction)}::text[], ${rows.map((r) => r.type)}::text[],
                  ${rows.map((r) => r.sentTime)}::text[]::timestamptz[])
        as n (tenant_id, conversation_id, id, content, direction, type, sent_time)
      group by tenant_id, conversation_id
    ), judged as (
      select a.*, c.last_message_id is null or (a.sent_time, a.id) > (c.last_message_at, c.last_message_id) as later
      from added a join conversations c on c.tenant_id = a.tenant_id and c.id = a.conversation_id
      order by c.tenant_id, c.channel_id, c.contact_id, c.id for update of c
    )
    update conversations c set
      message_count = c.message_count + j.count,
      last_inbound_at = greatest(c.last_inbound_at, j.last_inbound_at),
      last_message_id = case when j.later then j.id else c.last_message_id end,
      last_message_content = case when j.later then j.content else c.last_message_content end,
      last_message_direction = case when j.later then j.direction else c.last_message_direction end,
      last_message_type = case when j.later then j.type else c.last_message_type end,
      last_message_at = case when j.later then j.sent_time else c.last_message_at end,
      version = c.version + 1, updated_at = now()
    from judged j where c.tenant_id = j.tenant_id and c.id = j.conversation_id`;
}
