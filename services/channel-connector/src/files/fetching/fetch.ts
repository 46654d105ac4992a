import { buildEvent, MAX_FILE_BYTES, mediaFetched } from '@recado/contracts';
import { type Tx, withTenant } from '@recado/database';
import { enqueueJobs, finishJob, isLastTry, type RunningJob } from '@recado/jobs';
import { enqueue } from '@recado/messaging';
import { AppError } from '@recado/service-kit';
import type { FileDeps as Deps } from '../../deps.ts';
import { type MediaFailure, sha256Hex } from '../../providers/media.ts';
import { eraseJob } from '../erase.ts';
import { dropPrepared, prepareFile, storePrepared } from '../prepare.ts';
import { type FileRow, markFailed, markFetched, type StoredParts, selectFile, takeRoom } from '../store.ts';
import { findRoom } from '../upload.ts';
import { fetchJob } from './fetch-job.ts';

/** A file that cannot be had now; `final`: never. */
class MediaError extends Error {
  override readonly name = 'MediaError';
  readonly code: MediaFailure;
  readonly final: boolean;
  constructor(code: MediaFailure, message: string, final: boolean) {
    super(message);
    this.code = code;
    this.final = final;
  }
}

type Job = RunningJob<{ fileId: string }>;

/** Fetches a received file into the storage, or says on the message why it is not to be had. */
export async function runFetch(deps: Deps, job: Job): Promise<void> {
  const row = await withTenant(deps.db, job.tenantId, async (tx) => {
    const [found] = await selectFile(tx, job.tenantId, job.data.fileId);
    return found;
  });
  if (row?.state !== 'fetching') return;
  try {
    await fetchFile(deps, job, row);
  } catch (error) {
    const isLast = isLastTry(fetchJob, job);
    if (!(error instanceof MediaError ? error.final || isLast : isLast)) throw error;
    await giveUp(deps, job, row, error);
  }
}

async function fetchFile(deps: Deps, job: Job, row: FileRow): Promise<void> {
  const { spool } = deps;
  const { max, left } = await findRoom(deps, row.tenantId);
  const limit = Math.min(left, MAX_FILE_BYTES);
  if (limit <= 0) throw storageFull();
  if ((row.media?.size ?? 0) > MAX_FILE_BYTES) throw new MediaError('too_large', 'The file is too large', true);
  const { body, type, sha256 } = await openMedia(deps, row);
  const spooled = await spool.write(body, limit).catch((error: unknown) => {
    body.destroy();
    if (error instanceof AppError) {
      const full = limit < MAX_FILE_BYTES;
      throw new MediaError(full ? 'storage_full' : 'too_large', error.message, true);
    }
    throw new MediaError('unreachable', error instanceof Error ? error.message : 'The file broke off', false);
  });
  job.progress({ bytes: spooled.size });
  const wanted = sha256 ?? sha256Hex(row.media?.sha256);
  if (wanted !== undefined && wanted !== spooled.sha256) {
    await spool.remove(spooled.path);
    throw new MediaError('mismatch', 'The bytes are not those that were announced', false);
  }
  const prepared = await prepareFile(deps, spooled, { claimed: type ?? row.media?.type, name: row.name });
  try {
    await storePrepared(deps, row, prepared);
    const result = await job.commit((tx) => keep(tx, deps, job, row, prepared.parts, max));
    if (result) deps.metrics.files.inc({ source: 'inbound', result });
  } finally {
    await dropPrepared(deps, prepared);
  }
}

/** Ends the job with what became of the file; null when another copy has the job. */
async function keep(tx: Tx, deps: Deps, job: Job, row: FileRow, parts: StoredParts, max: number | null) {
  if (!(await finishJob(tx, job))) return null;
  const { tenantId, id } = row;
  if (!(await takeRoom(tx, tenantId, parts.storedBytes, max))) {
    await fail(tx, deps, row, storageFull());
    return 'failed';
  }
  const stored = await markFetched(tx, row, parts);
  if (stored) await tell(tx, deps, stored);
  else {
    // Erased during the fetch: its bytes go as well, and its room is free again.
    await takeRoom(tx, tenantId, -parts.storedBytes, null);
    await enqueueJobs(tx, eraseJob, [{ tenantId, data: { fileIds: [id] } }]);
  }
  return 'stored';
}

const storageFull = () => new MediaError('storage_full', "The plan's room for files is used up", true);

/** @throws MediaError */
async function openMedia({ directory }: Deps, { channelId, providerMessageId, media, tenantId }: FileRow) {
  const channel = await directory.find(`id:${channelId!}`);
  if (!channel || channel.tenantId !== tenantId || !channel.provider.fetchMedia) {
    throw new MediaError('refused', 'The number is no longer connected', false);
  }
  const { id, url, type } = media ?? {};
  const found = await channel.provider.fetchMedia(channel, { id, url, type, providerMessageId: providerMessageId! });
  if (found.kind === 'ok') return found;
  throw new MediaError(found.code, found.reason, found.kind === 'gone');
}

async function giveUp(deps: Deps, job: Job, row: FileRow, error: unknown): Promise<void> {
  deps.log.warn({ err: error, tenantId: row.tenantId, fileId: row.id }, 'a received file is given up');
  const known =
    error instanceof MediaError ? error : new MediaError('unreachable', 'The file could not be stored', true);
  await job.commit(async (tx) => {
    if (await finishJob(tx, job)) await fail(tx, deps, row, known);
  });
  deps.metrics.files.inc({ source: 'inbound', result: 'failed' });
}

async function fail(tx: Tx, deps: Deps, row: FileRow, { code, message }: MediaError): Promise<void> {
  const failed = await markFailed(tx, row, { code, message });
  // Parts of it may be in the storage.
  await enqueueJobs(tx, eraseJob, [{ tenantId: row.tenantId, data: { fileIds: [row.id] } }]);
  if (failed) await tell(tx, deps, failed);
}

async function tell(tx: Tx, { now }: Pick<Deps, 'now'>, row: FileRow): Promise<void> {
  const at = now();
  const { tenantId, id: fileId, channelId, providerMessageId, errorCode, errorMessage } = row;
  const file =
    errorCode === null
      ? {
          fileId,
          state: 'ready' as const,
          type: row.type,
          size: row.size,
          ...(row.width !== null && { width: row.width }),
          ...(row.height !== null && { height: row.height }),
          thumbnail: row.thumbnailType !== null,
          playback: row.playbackType !== null,
        }
      : {
          fileId,
          state: 'failed' as const,
          failure: { code: errorCode as MediaFailure, message: errorMessage ?? '' },
        };
  const data = { channelId: channelId!, providerMessageId: providerMessageId!, file, at: at.toISOString() };
  await enqueue(tx, [buildEvent(mediaFetched, { tenantId, subject: fileId, time: at, data })]);
}
