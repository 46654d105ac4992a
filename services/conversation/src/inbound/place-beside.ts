import { uuidv7 } from '@recado/contracts';
import type { Tx } from '@recado/database';
import { type OpenConversation, openColumns } from '../conversations/store.ts';
import { peerOf, type Received } from './batch.ts';

/** A reaction or a notice on its way into the tables. */
interface Beside {
  tenantId: string;
  channelId: string;
  sentTime: string;
  data: {
    provider: string;
    replyToProviderMessageId: string | null;
    from: Received['from'];
    details?: Received['details'];
  };
  contact: { id: string };
  conversation: OpenConversation;
}

/**
 * Sets the conversation of each: that of its message, else the contact's open or latest one. A
 * contact without any gets a closed one, which alerts no agent.
 */
export async function placeBeside(tx: Tx, reactions: readonly Beside[]): Promise<void> {
  const places = await tx<(OpenConversation & { n: number })[]>`
    select r.n::int as n, ${openColumns(tx)}
    from unnest(${reactions.map((r) => r.tenantId)}::uuid[], ${reactions.map((r) => r.channelId)}::uuid[],
                ${reactions.map((r) => r.contact.id)}::uuid[],
                ${reactions.map((r) => r.data.replyToProviderMessageId)}::text[]) with ordinality
      as r (tenant_id, channel_id, contact_id, about, n)
    cross join lateral (
      select c.* from conversations c
      where c.tenant_id = r.tenant_id and c.channel_id = r.channel_id and c.contact_id = r.contact_id
      order by exists (select from messages m where m.tenant_id = r.tenant_id and m.channel_id = r.channel_id
                         and m.provider_message_id = r.about and m.conversation_id = c.id) desc,
               c.status <> 'closed' desc, c.last_message_at desc, c.id desc
      limit 1
    ) c`;
  const found = new Map(places.map(({ n, ...conversation }) => [n - 1, conversation]));
  /** Made here, by channel and contact. */
  const made = new Map<string, OpenConversation>();
  for (const [i, one] of reactions.entries()) {
    const key = `${one.tenantId} ${one.channelId} ${one.contact.id}`;
    one.conversation = found.get(i) ?? made.get(key) ?? (await makeClosed(tx, one));
    if (!found.has(i)) made.set(key, one.conversation);
  }
}

/** Only for a contact that never wrote, and was never written to, on the channel. */
async function makeClosed(tx: Tx, { tenantId, channelId, contact, data, sentTime }: Beside): Promise<OpenConversation> {
  const { peerWaId, peerPhone, peerUserId } = peerOf(data);
  const id = uuidv7();
  await tx`
    insert into conversations (tenant_id, id, channel_id, provider, contact_id, peer_wa_id, peer_phone, peer_user_id, status,
                               last_message_at, closed_at)
    values (${tenantId}, ${id}, ${channelId}, ${data.provider}, ${contact.id}, ${peerWaId}, ${peerPhone}, ${peerUserId}, 'closed',
            ${sentTime}, ${sentTime})`;
  const none = { campaignId: null, assignedUserId: null, snoozedUntil: null };
  return { tenantId, id, channelId, contactId: contact.id, status: 'closed', ...none };
}
