import { finishJob, type RunningJob } from '@recado/jobs';
import type { KnownChannel } from '../channels/directory.ts';
import type { Deps } from '../deps.ts';
import type { Outcome, WebhookContent } from '../providers/provider.ts';
import { eventsOf } from '../webhooks/events.ts';
import { withGroups } from '../webhooks/groups.ts';
import { noteRead, selectReadAt } from './store.ts';

type HistoryDeps = Pick<Deps, 'workerDb' | 'directory' | 'group' | 'log' | 'now'>;
type ReadJob = RunningJob<{ channelId: string }>;

/** A message may reach the server a while after its time. */
const OVERLAP_MS = 10 * 60_000;
/** Of a longer outage only the last week is read: older questions are answered elsewhere. */
const OLDEST_MS = 7 * 24 * 3600_000;

/**
 * Stores messages of a linked phone that no webhook brought. Those that are there already leave no
 * trace. A number that was never read begins now: what is older was not for Recado.
 */
export async function readHistory(deps: HistoryDeps, job: ReadJob): Promise<void> {
  const { tenantId } = job;
  const { channelId } = job.data;
  const began = deps.now();
  const channel = await deps.directory.find(`id:${channelId}`);
  const isReadable = channel?.tenantId === tenantId && channel.proven && channel.provider.readHistory !== undefined;
  const [row] = isReadable ? await selectReadAt(deps.workerDb.sql, tenantId, channelId) : [];
  const isRead =
    row !== undefined && (row.readAt === null || (await readSince(deps, channel!, row.readAt, began, job)));
  await job.commit(async (tx) => {
    if ((await finishJob(tx, job)) && isRead) await noteRead(tx, tenantId, channelId, began);
  });
}

/** @returns false when the server refused. @throws when another try may help */
async function readSince(deps: HistoryDeps, channel: KnownChannel, readAt: Date, now: Date, job: ReadJob) {
  const since = new Date(Math.max(readAt.getTime() - OVERLAP_MS, now.getTime() - OLDEST_MS));
  let pages = 0;
  for await (const outcome of channel.provider.readHistory!(channel, { since, now })) {
    const page = pageOf(outcome);
    if (page === null) return false;
    await store(deps, channel, page, now);
    job.progress({ pages: ++pages });
  }
  return true;
}

function pageOf(outcome: Outcome<WebhookContent>): WebhookContent | null {
  switch (outcome.kind) {
    case 'ok':
      return outcome.value;
    case 'refused':
      return null;
    case 'denied':
      if (outcome.httpStatus === 429) throw new Error('HTTP 429');
      return null;
    default:
      throw new Error(outcome.reason);
  }
}

/** As a webhook: under the same keys, with the same orders for files and groups. */
async function store({ group }: HistoryDeps, channel: KnownChannel, page: WebhookContent, now: Date): Promise<void> {
  const ignored: string[] = [];
  const events = page.news.flatMap((news) => eventsOf(channel, withGroups(channel, news, ignored), now));
  if (events.length === 0) return;
  const [failure] = await group.add([events]);
  if (failure !== null) throw failure;
}
