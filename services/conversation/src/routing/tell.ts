import { buildAudit, buildEvent, changesBetween, conversationAudit, conversationUpdated } from '@recado/contracts';
import type { Tx } from '@recado/database';
import { enqueue } from '@recado/messaging';
import { findContacts } from '../contacts/store.ts';
import type { ConversationRow } from '../conversations/store.ts';
import { conversationView } from '../conversations/views.ts';
import { changeEvents, recordContactEvents } from '../timeline/record.ts';

const AS_CONVERSATION = { kind: 'service' as const, userId: null, apiKeyId: null, service: 'conversation' };
const NOWHERE = { ip: null, userAgent: null, edition: null, requestId: null };

const compared = ({ status, assignedUserId, campaignId, snoozedUntil }: ConversationRow) => ({
  ...{ status, assignedUserId, campaignId },
  snoozedUntil: snoozedUntil?.toISOString() ?? null,
});

/**
 * The news of what routing changed, and the lines in the audit log.
 * @param by why chats were taken from their agents: then they were handed on
 */
export async function tellOfRouting(
  tx: Tx,
  befores: readonly ConversationRow[],
  afters: readonly ConversationRow[],
  action: 'conversation.assign' | 'conversation.transfer' | 'conversation.return' | 'conversation.wake',
  by?: 'silence' | 'full',
): Promise<void> {
  const contacts = await findContacts(
    tx,
    afters.map(({ tenantId, contactId }) => ({ tenantId, id: contactId })),
  );
  const contactById = new Map(contacts.map((contact) => [contact.id, contact]));
  const beforeById = new Map(befores.map((before) => [before.id, before]));
  const told = afters.flatMap((after) => {
    const changes = changesBetween(compared(beforeById.get(after.id)!), compared(after)) ?? {};
    return changeEvents(after, changes, { userId: null, at: after.updatedAt });
  });
  await recordContactEvents(tx, told);
  await enqueue(
    tx,
    afters.flatMap((after) => {
      const { tenantId, id } = after;
      const before = beforeById.get(id)!;
      const changes = changesBetween(compared(before), compared(after));
      if (!changes) return [];
      const conversation = conversationView(after, contactById.get(after.contactId)!);
      // Given to an agent: nothing is left for routing to do. One who lost a chat has room again.
      const routed = after.assignedUserId !== null && by === undefined && action !== 'conversation.wake';
      const from = { fromUserId: before.assignedUserId, fromCampaignId: before.campaignId };
      const transfer = by && { ...from, reason: null, byUserId: null, by };
      const data = { conversation, changed: Object.keys(changes), ...(routed && { routed }), transfer };
      const origin = { tenantId, actor: AS_CONVERSATION, ...NOWHERE };
      return [
        buildEvent(conversationUpdated, { tenantId, subject: id, data }),
        buildAudit(conversationAudit, origin, { action, entityType: 'conversation', entityId: id, changes }),
      ];
    }),
  );
}
