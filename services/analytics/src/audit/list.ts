import type { AuditRecord, analyticsApi, RouteInput } from '@recado/contracts';
import { type Database, decodeCursor, keysetPage, readTenant } from '@recado/database';
import { ValidationFailed } from '@recado/service-kit';
import { z } from 'zod';
import { type AuditKeys, countLines, selectLines } from './store.ts';

/** Rows a page number may reach, and the most that is counted; beyond are cursors, whose cost does not grow. */
const MAX_DEPTH = 100_000;
const cursorSchema = z.object({ at: z.iso.datetime(), id: z.uuid() });

export interface AuditPage {
  items: AuditRecord[];
  /** At most 100,000. */
  total: number | null;
  nextCursor: string | null;
}

/**
 * The tenant's audit log, the latest first: by cursor or by page number.
 * @throws ValidationFailed for a cursor that is none of ours or a page beyond 100,000 rows
 */
export async function listAudit(
  db: Database,
  tenantId: string,
  { limit, page = 1, cursor, count, ...filter }: RouteInput<typeof analyticsApi.listAudit>['query'],
): Promise<AuditPage> {
  const after = readCursor(cursor);
  const offset = after ? 0 : (page - 1) * limit;
  if (offset + limit > MAX_DEPTH) {
    throw new ValidationFailed([{ field: 'page', message: `Pages reach ${MAX_DEPTH} rows; use the cursor beyond` }]);
  }
  const [rows, total] = await readTenant(db, tenantId, (tx) => [
    selectLines(tx, tenantId, filter, { after, offset, limit: limit + 1 }),
    count ? countLines(tx, tenantId, filter, MAX_DEPTH) : Promise.resolve(null),
  ]);
  const { items, nextCursor } = keysetPage(rows, limit, ({ at, id }) => ({ at, id }));
  return { items, total, nextCursor };
}

function readCursor(text: string | undefined): AuditKeys | null {
  if (text === undefined) return null;
  const cursor = decodeCursor(cursorSchema, text);
  if (cursor === null) throw new ValidationFailed([{ field: 'cursor', message: 'Not a cursor of this list' }]);
  return cursor;
}
