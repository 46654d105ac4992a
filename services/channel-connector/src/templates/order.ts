import type { Tx } from '@recado/database';
import { withTenant, withWorker } from '@recado/database';
import { enqueueJob, enqueueJobs } from '@recado/jobs';
import { NotFound } from '@recado/service-kit';
import type { Deps } from '../deps.ts';
import { noteAsked, selectOwner, takeUnread } from './accounts/accounts.ts';
import { templatesJob } from './job.ts';
import { withoutTemplates } from './sent/refusals.ts';

/** A list is at most so old, if no report of the provider was lost. */
const DAILY_SECONDS = 24 * 3600;
const AT_ONCE = 20;
/** Orders of so long are one reading, at the end of it. */
const TOGETHER_MS = 2000;

/** Orders the reading of templates that were never read, or not for a day. */
export async function orderDueReadings({ workerDb, providers }: Pick<Deps, 'workerDb' | 'providers'>): Promise<void> {
  const names = [...providers.values()].filter((one) => one.templates).map(({ name }) => name);
  await withWorker(workerDb, async (tx) => {
    const due = await takeUnread(tx, names, DAILY_SECONDS, AT_ONCE);
    const jobs = due.map(({ tenantId, id: channelId }) => ({ tenantId, data: { channelId } }));
    await enqueueJobs(tx, templatesJob, jobs);
  });
}

/** Orders it now; false when it was ordered a moment ago. @throws NotFound, ValidationFailed */
export async function orderReading(
  { db, providers, now }: Pick<Deps, 'db' | 'providers' | 'now'>,
  tenantId: string,
  channelId: string,
): Promise<boolean> {
  return withTenant(db, tenantId, async (tx) => {
    const [row] = await selectOwner(tx, tenantId, channelId);
    if (!row) throw new NotFound('channel', channelId);
    if (!providers.get(row.provider)?.templates) throw withoutTemplates();
    await noteAsked(tx, tenantId, channelId);
    return enqueueReading(tx, tenantId, channelId, now());
  });
}

/** Orders a reading that begins after all orders of the same moment; false when it is ordered. */
export async function enqueueReading(tx: Tx, tenantId: string, channelId: string, now: Date): Promise<boolean> {
  const end = (Math.floor(now.getTime() / TOGETHER_MS) + 1) * TOGETHER_MS;
  const options = { key: `${channelId}:${end}`, runAt: new Date(end) };
  return (await enqueueJob(tx, templatesJob, tenantId, { channelId }, options)) !== null;
}
