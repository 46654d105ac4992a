import {
  type Campaign,
  type CampaignDetail,
  type conversationApi,
  isoTime,
  type RouteInput,
  type RouteOutput,
  uuid,
} from '@recado/contracts';
import { type Database, readTenant, type Tx } from '@recado/database';
import { NotFound, walkOf } from '@recado/service-kit';
import { z } from 'zod';
import { countQueue, selectQueue } from './queue.ts';
import { countCampaigns, selectAgents, selectCampaign, selectCampaigns } from './store.ts';
import { campaignView, detailView } from './views.ts';

type Query<K extends 'listCampaigns' | 'listQueue'> = RouteInput<(typeof conversationApi)[K]>['query'];
const walk = walkOf('campaigns', { id: uuid() });
const queueWalk = walkOf('queue', { at: isoTime(), id: uuid(), position: z.number().int() });

/** A page of the tenant's campaigns, with how many there are. */
export async function listCampaigns(
  db: Database,
  tenantId: string,
  { page, limit, cursor, ...filter }: Query<'listCampaigns'>,
): Promise<{ items: Campaign[]; total: number; nextCursor: string | null }> {
  const slice = walk.slice({ page, limit, cursor });
  const [rows, [counted]] = await readTenant(db, tenantId, (tx) => [
    selectCampaigns(tx, tenantId, filter, slice),
    countCampaigns(tx, tenantId, filter),
  ]);
  const { items, nextCursor } = walk.page(rows, limit, ({ id }) => ({ id }));
  return { items: items.map(campaignView), total: counted!.count, nextCursor };
}

/** @throws NotFound `campaign` */
export async function getCampaign(db: Database, tenantId: string, id: string): Promise<CampaignDetail> {
  const [[row], agents] = await readTenant(db, tenantId, (tx) => [
    selectCampaign(tx, tenantId, id),
    selectAgents(tx, tenantId, id),
  ]);
  if (!row) throw new NotFound('campaign', id);
  return detailView(row, agents);
}

/** The same within a transaction that has locked it. */
export async function readCampaign(tx: Tx, tenantId: string, id: string): Promise<CampaignDetail> {
  const [[row], agents] = await Promise.all([selectCampaign(tx, tenantId, id), selectAgents(tx, tenantId, id)]);
  return detailView(row!, agents);
}

/** What waits in a campaign, the next first. @throws NotFound `campaign` */
export async function listQueue(
  db: Database,
  tenantId: string,
  campaignId: string,
  query: Query<'listQueue'>,
): Promise<RouteOutput<typeof conversationApi.listQueue>> {
  const slice = queueWalk.slice(query);
  const [[campaign], rows, [counted]] = await readTenant(db, tenantId, (tx) => [
    selectCampaign(tx, tenantId, campaignId),
    selectQueue(tx, tenantId, campaignId, slice),
    countQueue(tx, tenantId, campaignId),
  ]);
  if (!campaign) throw new NotFound('campaign', campaignId);
  const before = slice.after?.position ?? slice.offset;
  const placed = rows.map((row, i) => ({ ...row, position: before + i + 1 }));
  const { items, nextCursor } = queueWalk.page(placed, query.limit, ({ queuedAt, id, position }) => ({
    at: queuedAt.toISOString(),
    id,
    position,
  }));
  return {
    items: items.map(({ id, position, queuedAt, contactId, contactName, contactPhone }) => ({
      position,
      conversationId: id,
      contact: { id: contactId, name: contactName, phone: contactPhone },
      queuedAt: queuedAt.toISOString(),
    })),
    total: counted!.count,
    nextCursor,
  };
}
