import type { FileForm } from '@recado/contracts';
import { finishJob, type RunningJob } from '@recado/jobs';
import type { FileDeps } from '../deps.ts';
import type { Outcome } from '../providers/outcome.ts';
import { openFile } from './open-file.ts';
import { type SentFileRow, saveBrought, selectFiles, type WantedFile, wakeWaiting } from './store.ts';

/** Milliseconds after which a long upload begins its lease anew. */
const PROGRESS_MS = 20_000;

type Job = RunningJob<{ channelId: string; fileId: string; form: FileForm }>;

/** Brings a file to the provider, and lets the messages go that wait for it. */
export async function runBring(deps: FileDeps, job: Job): Promise<void> {
  const { workerDb, sender, directory, metrics } = deps;
  const wanted: WantedFile = { tenantId: job.tenantId, ...job.data };
  const [row] = await selectFiles(workerDb.sql, wanted.tenantId, [wanted.fileId]);
  const channel = await directory.find(`id:${wanted.channelId}`);
  const uploads = channel?.tenantId === wanted.tenantId ? channel.provider.uploads : undefined;
  // Without file or number the messages find out themselves.
  const outcome =
    row?.state === 'ready' && channel && uploads
      ? await upload(deps, job, row, (file) => uploads.upload(channel, file))
      : null;
  const woken = await job.commit(async (tx) => {
    if (!(await finishJob(tx, job))) return 0;
    if (outcome?.kind === 'ok') {
      await saveBrought(tx, wanted, { providerFileId: outcome.value, keepMs: uploads!.keepMs });
    } else if (outcome) await saveBrought(tx, wanted, { failure: outcome });
    return wakeWaiting(tx, wanted);
  });
  if (outcome) metrics.uploads.inc({ result: outcome.kind === 'ok' ? 'done' : 'failed' });
  if (woken > 0) sender.wake({ tenantId: wanted.tenantId, channelId: wanted.channelId }, woken);
}

async function upload(
  deps: FileDeps,
  job: Job,
  row: SentFileRow,
  send: (file: Awaited<ReturnType<typeof openFile>>['file']) => Promise<Outcome<string>>,
): Promise<Outcome<string>> {
  const { file, release } = await openFile(deps, row, job.data.form);
  const timer = setInterval(() => job.progress({}), PROGRESS_MS);
  try {
    const outcome = await send(file);
    // An upload whose answer was lost sent no message: it may be made again.
    return outcome.kind === 'lost' ? { kind: 'not-sent', reason: outcome.reason } : outcome;
  } finally {
    clearInterval(timer);
    await release();
  }
}
