import type { Readable } from 'node:stream';
import { type AuditOrigin, type ContactImport, MAX_IMPORT_BYTES, uuidv7 } from '@recado/contracts';
import { withTenant } from '@recado/database';
import { type Caller, cutText, ownerSeenBy, TooManyRequests } from '@recado/service-kit';
import type { Deps } from '../deps.ts';
import { cancelUnstarted } from './cancel.ts';
import { collectGarbage } from './collect-garbage.ts';
import { guessMapping } from './mapping.ts';
import { type FileRow, LIMITS, refuseFile } from './reading/limits.ts';
import { type ReadFile, readFile } from './reading/read-file.ts';
import { withSpooled } from './spool.ts';
import { countOpen, deleteChunks, deleteImport, insertChunk, insertImport, lockImport, updateImport } from './store.ts';
import { importView } from './views.ts';

/** Rows of one transaction. */
const CHUNK_ROWS = 500;
/** Files that are read at once. */
export const UPLOAD_PLACES = { places: 3, perKey: 1, spare: 1, maxWaiting: 200 };
/** Files of a tenant that wait or run, and as many that are read and not started. */
const MAX_OPEN = 20;
const WAIT_MS = 60_000;

/**
 * Reads a file of contacts to its end and keeps its rows, in pieces that any copy can import.
 * @throws ValidationFailed for a file that is no table, is damaged or too large when unpacked
 * @throws AppError `payload_too_large`; TooManyRequests
 */
export async function uploadImport(
  deps: Deps,
  caller: Caller,
  origin: AuditOrigin,
  source: Readable,
  fileName: string | undefined,
): Promise<ContactImport> {
  const { tenantId } = caller;
  // Reading takes processor time: a few at once, tenants by turns.
  const end = await deps.uploads.take(tenantId, WAIT_MS);
  if (!end) throw new TooManyRequests(5);
  try {
    await withTenant(deps.db, tenantId, async (tx) => {
      const [open] = await countOpen(tx, tenantId);
      if (open!.count >= MAX_OPEN) throw new TooManyRequests(60, 'Too many imports are waiting');
      await cancelUnstarted(tx, deps, origin, MAX_OPEN - 1);
    });
    return await withSpooled(source, MAX_IMPORT_BYTES, async (path) => {
      const file = await readFile(path);
      return keepRows(deps, caller, origin, file, safeName(fileName));
    });
  } finally {
    end();
  }
}

async function keepRows(
  { db }: Deps,
  caller: Caller,
  origin: AuditOrigin,
  { rows, ...about }: ReadFile,
  fileName: string,
): Promise<ContactImport> {
  const { tenantId } = caller;
  const iterator = rows[Symbol.asyncIterator]();
  const key = { tenantId, id: uuidv7() };
  try {
    const headers = headersOf((await iterator.next()).value as FileRow | undefined);
    const { callKey: _, ...from } = origin;
    const rest = { origin: from, createdBy: caller.userId, owner: ownerSeenBy(caller) };
    const row = { ...key, ...about, fileName, headers, mapping: guessMapping(headers), ...rest };
    await withTenant(db, tenantId, (tx) => insertImport(tx, row));
    const total = await keepChunks(db, key, iterator);
    return await withTenant(db, tenantId, async (tx) => {
      const locked = await lockImport(tx, tenantId, null, key.id);
      return importView(await updateImport(tx, locked, { status: 'read', totalRows: total }));
    });
  } catch (error) {
    await withTenant(db, tenantId, async (tx) => {
      await deleteChunks(tx, key);
      await deleteImport(tx, key);
    });
    throw error;
  } finally {
    await iterator.return?.();
  }
}

async function keepChunks(
  db: Deps['db'],
  key: { tenantId: string; id: string },
  iterator: AsyncIterator<FileRow>,
): Promise<number> {
  let [total, number] = [0, 0];
  let chunk: FileRow[] = [];
  const keep = () => withTenant(db, key.tenantId, (tx) => insertChunk(tx, key, number++, chunk));
  for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
    if (++total > LIMITS.rows) refuseFile('import_rows', { maximum: LIMITS.rows });
    chunk.push(next.value);
    if (chunk.length < CHUNK_ROWS) continue;
    await keep();
    collectGarbage(number);
    chunk = [];
  }
  if (chunk.length > 0) await keep();
  if (total === 0) refuseFile('import_empty');
  return total;
}

/** The texts of the first row that has any. Of two alike the second has its place added. */
function headersOf(first: FileRow | undefined): string[] {
  const seen = new Set<string>();
  return (first?.cells ?? refuseFile('import_empty')).map((cell, i) => {
    const header = cutText(cell, 200);
    const unique = header !== '' && seen.has(header) ? `${header} (${i + 1})` : header;
    seen.add(unique);
    return unique;
  });
}

/** A name to show: no path. */
const safeName = (given = ''): string =>
  cutText(
    given
      .replace(/^.*[\\/]/s, '')
      .replace(/\p{Cc}/gu, '')
      .trim(),
    200,
  ) || 'contacts';
