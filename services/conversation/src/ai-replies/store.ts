import { columns, type Tx } from '@recado/database';
import { messages } from '../schema.ts';

const inboundColumns = columns(messages, { alias: 'i', only: ['tenantId', 'id'] });

/**
 * Customers' messages, each with whether an agent wrote after it arrived. Unknown ones are left
 * out.
 */
export function findInboundAnswered(tx: Tx, keys: readonly { tenantId: string; conversationId: string; id: string }[]) {
  // By arrival, our own clock on both sides: the provider's clock may run ahead of ours. Its time
  // only narrows the search.
  return tx<(typeof inboundColumns.$row & { byPerson: boolean })[]>`
    select ${inboundColumns(tx)}, exists (
      select from messages m
      where m.tenant_id = i.tenant_id and m.conversation_id = i.conversation_id
        and m.sent_time > i.sent_time - interval '1 hour'
        and m.author = 'user' and m.direction = 'outbound' and m.created_at > i.created_at
    ) as "byPerson"
    from unnest(${keys.map((k) => k.tenantId)}::uuid[], ${keys.map((k) => k.conversationId)}::uuid[],
                ${keys.map((k) => k.id)}::uuid[]) as k (tenant_id, conversation_id, id)
    join messages i on i.tenant_id = k.tenant_id and i.id = k.id and i.conversation_id = k.conversation_id
    where i.direction = 'inbound'`;
}
