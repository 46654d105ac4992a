import type { OutboundContent } from '@recado/contracts';
import type { Tx } from '@recado/database';

/**
 * When each contact last wrote to a channel, also in chats that are closed by now. Only templates
 * need it: they may go outside the reply window.
 */
export async function findLastHeard(
  tx: Tx,
  { tenantId, channelId }: { tenantId: string; channelId: string },
  contactIds: readonly string[],
  content: OutboundContent,
): Promise<ReadonlyMap<string, Date>> {
  if (content.kind !== 'template') return new Map();
  const rows = await tx<{ contactId: string; at: Date }[]>`
    select contact_id as "contactId", max(last_inbound_at) as at from conversations
    where tenant_id = ${tenantId} and channel_id = ${channelId} and contact_id = any(${contactIds as string[]}::uuid[])
      and last_inbound_at is not null
    group by contact_id`;
  return new Map(rows.map(({ contactId, at }) => [contactId, at]));
}
