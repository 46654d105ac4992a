import {
  type AuditOrigin,
  buildAudit,
  buildEvent,
  campaignDeleted,
  changesBetween,
  conversationAudit,
  conversationUpdated,
} from '@recado/contracts';
import { type Tx, withTenant } from '@recado/database';
import { enqueue } from '@recado/messaging';
import type { Caller } from '@recado/service-kit';
import { deleteBoardsOf } from '../boards/store.ts';
import { findContacts } from '../contacts/store.ts';
import { type ConversationRow, conversationColumns, lockConversations } from '../conversations/store.ts';
import { conversationView } from '../conversations/views.ts';
import type { Deps } from '../deps.ts';
import { lockRouting } from '../routing/lock.ts';
import { lockCampaign, markDeleted } from './store.ts';
import { settingsOf } from './views.ts';

/**
 * Removes a campaign. Its open chats leave it: those with an agent stay with them, and those that
 * wait do so in the general queue.
 * @throws NotFound `campaign`
 */
export const removeCampaign = (deps: Deps, caller: Caller, origin: AuditOrigin, id: string): Promise<void> =>
  withTenant(deps.db, caller.tenantId, async (tx) => {
    const { tenantId } = caller;
    await lockRouting(tx, [tenantId]);
    const campaign = await lockCampaign(tx, tenantId, id);
    await markDeleted(tx, tenantId, id);
    await deleteBoardsOf(tx, tenantId, id);
    const freed = await freeConversations(tx, tenantId, id);
    const changes = changesBetween({ ...settingsOf(campaign) }, null);
    const about = { tenantId, traceparent: origin.traceparent };
    await enqueue(tx, [
      ...freed.map((conversation) =>
        buildEvent(conversationUpdated, {
          ...about,
          subject: conversation.id,
          data: { conversation, changed: ['campaignId'] },
        }),
      ),
      buildEvent(campaignDeleted, { ...about, subject: id, data: { campaignId: id } }),
      buildAudit(conversationAudit, origin, {
        action: 'campaign.delete',
        entityType: 'campaign',
        entityId: id,
        changes,
      }),
    ]);
  });

/** The open conversations of a campaign, out of it. */
async function freeConversations(tx: Tx, tenantId: string, campaignId: string) {
  const open = await tx<{ id: string }[]>`
    select c.id from conversations c
    where c.tenant_id = ${tenantId} and c.campaign_id = ${campaignId} and c.status <> 'closed'`;
  const locked = await lockConversations(
    tx,
    open.map(({ id }) => ({ tenantId, id })),
  );
  const rows = await tx<ConversationRow[]>`
    update conversations c set campaign_id = null, queued_at = null, version = c.version + 1, updated_at = now()
    where c.tenant_id = ${tenantId} and c.campaign_id = ${campaignId} and c.status <> 'closed'
      and c.id = any(${locked.map(({ id }) => id)}::uuid[])
    returning ${conversationColumns(tx)}`;
  const keys = rows.map((row) => ({ tenantId, id: row.contactId }));
  const contacts = new Map((await findContacts(tx, keys)).map((contact) => [contact.id, contact]));
  return rows.map((row) => conversationView(row, contacts.get(row.contactId)!));
}
