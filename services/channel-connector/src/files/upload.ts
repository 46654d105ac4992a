import type { Readable } from 'node:stream';
import { MAX_FILE_BYTES, PLANS, type PlanName, type StoredFile, uuidv7 } from '@recado/contracts';
import { readTenant, withTenant } from '@recado/database';
import { AppError, type Caller } from '@recado/service-kit';
import type { Deps } from '../deps.ts';
import { orderErasure } from './erase.ts';
import { dropPrepared, prepareFile, storePrepared } from './prepare.ts';
import { safeName } from './rules/names.ts';
import { insertUpload, selectUsage, takeRoom } from './store.ts';
import { viewFile } from './views.ts';

/** 413: the plan has no room left. */
export const storageFull = () => new AppError('payload_too_large', "The plan's room for files is used up");

/**
 * Takes a file from a stream. It waits for confirmFile; without it the sweep erases it.
 * @throws AppError `payload_too_large` for the file's size or the plan's
 */
export async function uploadFile(
  deps: Deps,
  { tenantId, userId }: Pick<Caller, 'tenantId' | 'userId'>,
  source: Readable,
  about: { name: string | undefined; type: string | undefined },
): Promise<StoredFile> {
  const { max, left } = await findRoom(deps, tenantId);
  if (left <= 0) throw storageFull();
  const spooled = await deps.spool.write(source, Math.min(left, MAX_FILE_BYTES)).catch((error: unknown) => {
    const isFull = error instanceof AppError && error.code === 'payload_too_large' && left < MAX_FILE_BYTES;
    throw isFull ? storageFull() : error;
  });
  const name = safeName(about.name);
  const prepared = await prepareFile(deps, spooled, { claimed: about.type, name });
  try {
    const row = await withTenant(deps.db, tenantId, async (tx) => {
      if (!(await takeRoom(tx, tenantId, prepared.parts.storedBytes, max))) throw storageFull();
      return insertUpload(tx, { ...prepared.parts, tenantId, id: uuidv7(), name, createdBy: userId });
    });
    try {
      await storePrepared(deps, row, prepared);
    } catch (error) {
      await withTenant(deps.db, tenantId, (tx) => orderErasure(tx, tenantId, [row.id]));
      throw new AppError('unavailable', 'The storage of files is unavailable', { cause: error, retryAfter: 5 });
    }
    deps.metrics.files.inc({ source: 'upload', result: 'stored' });
    return viewFile(row);
  } finally {
    await dropPrepared(deps, prepared);
  }
}

/** How many bytes the tenant may store in all (null: any), and how many are left. */
export async function findRoom({ db, tenants }: Pick<Deps, 'db' | 'tenants'>, tenantId: string) {
  await tenants.ensure(tenantId);
  const [found, [usage]] = await readTenant(db, tenantId, (tx) => [
    tenants.get(tx, [tenantId]),
    selectUsage(tx, tenantId),
  ]);
  const max = PLANS[found.get(tenantId)!.plan as PlanName].files.maxBytes;
  return { max, left: max === null ? Number.POSITIVE_INFINITY : max - (usage?.bytes ?? 0) };
}
