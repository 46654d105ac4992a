import { type AuditOrigin, buildEvent, fileErased, mediaFetched, uuid } from '@recado/contracts';
import { type Tx, withTenant } from '@recado/database';
import { defineJob, enqueueJobs, type RunningJob } from '@recado/jobs';
import { backoff } from '@recado/loops';
import { enqueue } from '@recado/messaging';
import { type Caller, Forbidden } from '@recado/service-kit';
import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { orderTakingBack } from '../provider-files/take-back.ts';
import { keysOf } from './keys.ts';
import { deleteFiles, type FileRow, lockFile } from './store.ts';
import { fileAudit } from './views.ts';

/** The bytes of files whose rows are gone. Tried for days: a storage may be away for so long. */
export const eraseJob = defineJob('erase-files', {
  schema: z.object({ fileIds: z.array(uuid()).max(500) }),
  lease: 120_000,
  retry: { pausesMs: backoff({ tries: 24, firstMs: 2000, maxMs: 4 * 3600_000 }) },
  concurrency: 2,
});

/**
 * Removes the rows of files, and tells of those that messages may have taken. Jobs of this
 * transaction remove the bytes, here and at providers.
 */
export async function orderErasure(
  tx: Tx,
  tenantId: string,
  ids: readonly string[],
  { at = new Date(), traceparent }: { at?: Date; traceparent?: string | undefined } = {},
): Promise<void> {
  const rows = await deleteFiles(tx, tenantId, ids);
  if (rows.length === 0) return;
  const gone = rows.map(({ id }) => id);
  const sendable = rows.filter((row) => row.sendable).map(({ id }) => id);
  if (sendable.length > 0) {
    const data = { fileIds: sendable, at: at.toISOString() };
    await enqueue(tx, [buildEvent(fileErased, { tenantId, subject: sendable[0]!, time: at, traceparent, data })]);
  }
  await enqueueJobs(tx, eraseJob, [{ tenantId, data: { fileIds: gone } }]);
  await orderTakingBack(tx, tenantId, gone);
}

export async function runErase(
  { storage, metrics }: Pick<Deps, 'storage' | 'metrics'>,
  job: RunningJob<{ fileIds: string[] }>,
) {
  for (const id of job.data.fileIds) {
    await Promise.all(keysOf(job.tenantId, id).map((key) => storage.remove(key)));
  }
  metrics.filesErased.inc(job.data.fileIds.length);
}

/**
 * Erases one file for a person. Messages that carry it show that it is gone.
 * @throws NotFound; Forbidden for an agent who did not upload it
 */
export async function deleteFile(deps: Deps, caller: Caller, origin: AuditOrigin, fileId: string): Promise<void> {
  const { tenantId } = origin;
  await withTenant(deps.db, tenantId, async (tx) => {
    const row = await lockFile(tx, tenantId, fileId);
    if (caller.role === 'agent' && row.createdBy !== caller.userId) {
      throw new Forbidden('Agents erase only files of their own');
    }
    const at = deps.now();
    await orderErasure(tx, tenantId, [fileId], { at, traceparent: origin.traceparent });
    await enqueue(tx, [...newsOf(row, origin, at), fileAudit('delete', row, origin, at)]);
  });
}

/** For the message that carries a received file. */
function newsOf({ tenantId, id: fileId, channelId, providerMessageId }: FileRow, origin: AuditOrigin, at: Date) {
  if (channelId === null || providerMessageId === null) return [];
  const data = { channelId, providerMessageId, file: { fileId, state: 'erased' as const }, at: at.toISOString() };
  return [buildEvent(mediaFetched, { tenantId, subject: fileId, time: at, traceparent: origin.traceparent, data })];
}
