import { uuidv7 } from '@recado/contracts';
import type { Tx } from '@recado/database';
import { type OpenConversation, openColumns } from '../conversations/store.ts';

/** A reaction on its way into the tables. */
interface Reaction {
  tenantId: string;
  channelId: string;
  sentTime: string;
  data: {
    provider: string;
    replyToProviderMessageId: string | null;
    from: { waId: string | null; phone: string | null; userId: string | null };
  };
  contact: { id: string };
  conversation: OpenConversation;
}

/**
 * Sets each reaction's conversation: its message's, else the contact's open or latest one on the
 * channel. Without any it gets a closed one, so it is kept and alerts no agent.
 */
export async function placeReactions(tx: Tx, reactions: readonly Reaction[]): Promise<void> {
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
  for (const [i, reaction] of reactions.entries()) {
    reaction.conversation = found.get(i) ?? (await makeClosed(tx, reaction));
  }
}

/** Only for a contact that never wrote, and was never written to, on the channel. */
async function makeClosed(
  tx: Tx,
  { tenantId, channelId, contact, data, sentTime }: Reaction,
): Promise<OpenConversation> {
  const { waId, phone, userId } = data.from;
  const id = uuidv7();
  await tx`
    insert into conversations (tenant_id, id, channel_id, provider, contact_id, peer_wa_id, peer_phone, peer_user_id, status,
                               last_message_at, closed_at)
    values (${tenantId}, ${id}, ${channelId}, ${data.provider}, ${contact.id}, ${waId}, ${phone}, ${userId}, 'closed',
            ${sentTime}, ${sentTime})`;
  return { tenantId, id, channelId, contactId: contact.id, status: 'closed', assignedUserId: null };
}
