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
import { enqueueJob } from '@recado/jobs';
import { enqueue } from '@recado/messaging';
import type { Caller } from '@recado/service-kit';
import { deleteBoardsOf } from '../boards/store.ts';
import { findContacts } from '../contacts/store.ts';
import { type ConversationRow, conversationColumns, lockConversations } from '../conversations/store.ts';
import { conversationView } from '../conversations/views.ts';
import type { Deps } from '../deps.ts';
import { lockRouting } from '../routing/lock.ts';
import { freeJob } from './jobs.ts';
import { lockCampaign, markDeleted } from './store.ts';
import { settingsOf } from './views.ts';

/** Chats that leave in one transaction. */
export const FREED_AT_ONCE = 500;

/**
 * Removes a campaign. Its open chats leave it: those with an agent stay with them, and those that
 * wait do so in the general queue. Of very many a job frees the rest.
 * @throws NotFound `campaign`
 */
export const removeCampaign = (deps: Deps, caller: Caller, origin: AuditOrigin, id: string): Promise<void> =>
  withTenant(deps.db, caller.tenantId, async (tx) => {
    const { tenantId } = caller;
    await lockRouting(tx, [tenantId]);
    const campaign = await lockCampaign(tx, tenantId, id);
    await markDeleted(tx, tenantId, id);
    await deleteBoardsOf(tx, tenantId, id);
    const freed = await freeConversations(tx, tenantId, id, origin.traceparent);
    if (freed === FREED_AT_ONCE) await enqueueJob(tx, freeJob, tenantId, { campaignId: id }, { key: id });
    const changes = changesBetween({ ...settingsOf(campaign) }, null);
    const about = { tenantId, traceparent: origin.traceparent };
    await enqueue(tx, [
      buildEvent(campaignDeleted, { ...about, subject: id, data: { campaignId: id } }),
      buildAudit(conversationAudit, origin, {
        action: 'campaign.delete',
        entityType: 'campaign',
        entityId: id,
        changes,
      }),
    ]);
  });

/**
 * Takes open conversations out of a removed campaign. The caller has locked the tenant's routing.
 * @returns how many, FREED_AT_ONCE at most
 */
export async function freeConversations(
  tx: Tx,
  tenantId: string,
  campaignId: string,
  traceparent?: string,
): Promise<number> {
  const open = await tx<{ id: string }[]>`
    select c.id from conversations c
    where c.tenant_id = ${tenantId} and c.campaign_id = ${campaignId} and c.status <> 'closed' limit ${FREED_AT_ONCE}`;
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
  await enqueue(
    tx,
    rows.map((row) => {
      const data = { conversation: conversationView(row, contacts.get(row.contactId)!), changed: ['campaignId'] };
      return buildEvent(conversationUpdated, { tenantId, traceparent, subject: row.id, data });
    }),
  );
  return open.length;
}
