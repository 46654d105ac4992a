import type { Tx } from '@recado/database';
import { isOpen } from '../routing/hours.ts';
import type { ChatFacts } from './conditions.ts';

/** A chat that rules may look at. */
export interface RuledChat {
  facts: ChatFacts;
  contactId: string;
  channelId: string;
}

interface Row extends Omit<ChatFacts, 'contact' | 'isOpen'> {
  contactId: string;
  contact: ChatFacts['contact'];
  hours: Parameters<typeof isOpen>[0] | null;
  isOut: boolean;
}

/**
 * What conditions ask about, as it is now; null for a chat that is gone, or of a group or a blocked
 * contact.
 * @param messageId whose words count; null: none, `last`: the last message of the customer
 */
export async function readFacts(
  tx: Tx,
  tenantId: string,
  conversationId: string,
  now: Date,
  messageId: string | 'last' | null,
): Promise<RuledChat | null> {
  const [row] = await tx<Row[]>`
    select c.channel_id as "channelId", c.campaign_id as "campaignId", c.assigned_user_id as "assignedUserId", c.status,
           c.priority, k.lead_status as "leadStatus", k.custom_fields as "customFields", k.id as "contactId",
           json_build_object('name', k.name, 'email', k.email, 'phone', coalesce(c.peer_phone, k.phone), 'company', k.company,
                             'city', k.city, 'country', k.country, 'segment', k.segment) as contact,
           array(select t.name from conversation_tags l join tags t on t.tenant_id = l.tenant_id and t.id = l.tag_id
                 where l.tenant_id = c.tenant_id and l.conversation_id = c.id) as tags,
           array(select t.name from contact_tags l join tags t on t.tenant_id = l.tenant_id and t.id = l.tag_id
                 where l.tenant_id = c.tenant_id and l.contact_id = c.contact_id) as "contactTags",
           (select json_build_object('businessHours', g.business_hours, 'timezone', g.timezone, 'holidays', g.holidays)
            from campaigns g where g.tenant_id = c.tenant_id and g.id = c.campaign_id) as hours,
           (select m.content from messages m
            where m.tenant_id = c.tenant_id and m.conversation_id = c.id and ${wordsOf(tx, messageId)}) as text,
           k.group_address is not null or k.blocked_at is not null as "isOut"
    from conversations c join contacts k on k.tenant_id = c.tenant_id and k.id = c.contact_id
    where c.tenant_id = ${tenantId} and c.id = ${conversationId}`;
  if (!row || row.isOut) return null;
  const { hours, isOut: _, contactId, ...facts } = row;
  const open = hours === null || isOpen(hours, now);
  return { facts: { ...facts, isOpen: open }, contactId, channelId: row.channelId };
}

const wordsOf = (tx: Tx, messageId: string | null) =>
  messageId === 'last'
    ? tx`m.direction = 'inbound' and m.type <> 'reaction' order by m.sent_time desc, m.id desc limit 1`
    : tx`m.id = ${messageId}`;
