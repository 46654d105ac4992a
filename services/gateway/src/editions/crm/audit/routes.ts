import type { Readable } from 'node:stream';
import type { AuditRecord } from '@recado/contracts';
import { z } from 'zod';
import type { GatewayDeps } from '../../../deps.ts';
import { type CallContext, editionRoute } from '../../../edge/edition.ts';
import { refuseField } from '../../../edge/validation.ts';
import { createdBetween, withinYears } from '../common/dates.ts';
import { paged } from '../common/schemas.ts';
import { pageMeta } from '../common/views.ts';
import { actionOf, entityTypeOf } from '../common/vocabulary.ts';
import { texts } from '../texts.ts';
import { type AuditPage, auditCsv } from './audit-csv.ts';
import { type AuditFilters, auditExportQuery, auditLog, auditQuery } from './schemas.ts';
import { auditLogView } from './views.ts';

/** Rows of one call while exporting. */
const EXPORT_PAGE = 1000;

/** Beyond it pages get slow; filters or the export lead further. */
const DEEPEST_ROW = 100_000;

export const auditRoutes = [
  editionRoute({
    method: 'GET',
    path: '/audit-logs',
    tag: 'Audit',
    summary: 'Listar logs de auditoría',
    auth: 'bearer',
    permission: 'audit.read',
    query: auditQuery,
    responses: { 200: paged(auditLog) },
    handle: async ({ query: { page, limit, cursor, ...filters }, deps, call }) => {
      if (cursor === undefined && page * limit > DEEPEST_ROW) {
        refuseField('page', texts.fields.depth);
      }
      const query = { ...(await filterOf(deps, call, filters)), page, limit, cursor, count: 'true' };
      const list = await deps.clients.analytics.listAudit({ query }, call);
      const people = await peopleOf(deps, call, list.items);
      return {
        data: list.items.map((item) => auditLogView(item, people)),
        meta: pageMeta({ page, limit }, list),
      };
    },
  }),
  editionRoute({
    method: 'GET',
    path: '/audit-logs/export',
    tag: 'Audit',
    summary: 'Exportar logs de auditoría',
    description: 'Archivo CSV en UTF-8, el último cambio primero.',
    auth: 'bearer',
    permission: 'audit.read',
    query: auditExportQuery,
    responses: { 200: z.custom<Readable>().meta({ type: 'string', format: 'binary' }) },
    contentType: 'text/csv; charset=utf-8',
    handle: async ({ query: { format: _, ...filters }, deps, call, reply }) => {
      const query = await filterOf(deps, call, filters);
      // Before the file begins, so that what is wrong from the start is an error and not a broken
      // file.
      const first = await readPage(deps, call, query, undefined);
      reply.header('content-disposition', 'attachment; filename="audit-logs.csv"');
      return auditCsv(pagesFrom(deps, call, query, first), deps.log);
    },
  }),
];

type Filter = Awaited<ReturnType<typeof filterOf>>;
type ReadPage = AuditPage & { next: string | null };

/** The document's words as the mesh's. */
async function filterOf(deps: GatewayDeps, call: CallContext, filters: AuditFilters) {
  const { user_id, action, entity_type, entity_id } = filters;
  const { from, to } = await createdBetween(deps, call, filters);
  return {
    userId: user_id,
    action: action ? actionOf(action) : undefined,
    entityType: entity_type ? entityTypeOf(entity_type) : undefined,
    entityId: entity_id || undefined,
    from,
    // analytics' end is exclusive, a document's is not.
    to: to && withinYears(Date.parse(to) + 1),
  };
}

const peopleOf = (deps: GatewayDeps, call: CallContext, records: AuditRecord[]) =>
  deps.directory.users(
    call,
    records.map(({ actor }) => actor.userId),
  );

async function readPage(
  deps: GatewayDeps,
  call: CallContext,
  filter: Filter,
  cursor: string | undefined,
): Promise<ReadPage> {
  const query = { ...filter, limit: EXPORT_PAGE, cursor };
  const { items, nextCursor } = await deps.clients.analytics.listAudit({ query }, call);
  return { records: items, people: await peopleOf(deps, call, items), next: nextCursor };
}

async function* pagesFrom(deps: GatewayDeps, call: CallContext, filter: Filter, first: ReadPage) {
  for (let page = first; ; ) {
    yield page;
    if (page.next === null) return;
    page = await readPage(deps, call, filter, page.next);
  }
}
