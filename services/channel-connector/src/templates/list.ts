import { type connectorApi, type RouteInput, type Template, uuid } from '@recado/contracts';
import { type Database, readTenant } from '@recado/database';
import { NotFound, walkOf } from '@recado/service-kit';
import { z } from 'zod';
import { selectChannel } from '../channels/store.ts';
import { countTemplates, selectTemplate, selectTemplates, selectUsable, type TemplateRow } from './store.ts';
import { viewTemplate } from './views.ts';

type Query = RouteInput<(typeof connectorApi)['listTemplates']>['query'];
const walk = walkOf('templates', { name: z.string(), language: z.string(), id: uuid() });

/** A page of templates, with how many there are. @throws NotFound `channel` of the filter */
export async function listTemplates(db: Database, tenantId: string, { page, limit, cursor, ...filter }: Query) {
  const slice = walk.slice({ page, limit, cursor });
  const [rows, [counted], channels] = await readTenant(db, tenantId, (tx) => [
    selectTemplates(tx, tenantId, filter, slice),
    countTemplates(tx, tenantId, filter),
    filter.channelId ? selectChannel(tx, tenantId, filter.channelId) : Promise.resolve([null]),
  ]);
  if (channels.length === 0) throw new NotFound('channel', filter.channelId);
  const { items, nextCursor } = walk.page(rows, limit, ({ name, language, id }) => ({ name, language, id }));
  return {
    items: items.map(viewTemplate),
    total: counted!.total,
    nextCursor,
    error: channels[0]?.templatesError ?? null,
  };
}

/** @throws NotFound */
export async function findTemplate(db: Database, tenantId: string, id: string): Promise<TemplateRow> {
  const [[row]] = await readTenant(db, tenantId, (tx) => [selectTemplate(tx, tenantId, id)]);
  if (!row) throw new NotFound('template', id);
  return row;
}

export const getTemplate = async (db: Database, tenantId: string, id: string): Promise<Template> =>
  viewTemplate(await findTemplate(db, tenantId, id));

/** Templates that a channel may send now. @throws NotFound of the channel */
export async function listUsable(db: Database, tenantId: string, channelId: string, limit: number) {
  const [rows, channels] = await readTenant(db, tenantId, (tx) => [
    selectUsable(tx, tenantId, channelId, limit),
    selectChannel(tx, tenantId, channelId),
  ]);
  if (channels.length === 0) throw new NotFound('channel', channelId);
  return { items: rows.map(({ total: _, ...item }) => item), total: rows[0]?.total ?? 0 };
}
