import { finishJob, type RunningJob } from '@recado/jobs';
import type { Deps } from '../deps.ts';
import { enterCampaigns } from '../routing/enter.ts';
import { lockRouting } from '../routing/lock.ts';
import type { ConversationKey } from '../routing/store.ts';
import { FREED_AT_ONCE, freeConversations } from './remove.ts';

/** Chats of one transaction. */
const BATCH = 200;
const FIRST = '00000000-0000-0000-0000-000000000000';

/**
 * Has the open chats of numbers that are in no campaign, or with no agent and in no queue, enter
 * theirs, some in each transaction.
 */
export async function runAdoption(
  { now }: Pick<Deps, 'now'>,
  job: RunningJob<{ channelIds: string[] }>,
): Promise<void> {
  const { tenantId, data } = job;
  let after = FIRST;
  while (!job.signal.aborted) {
    const last = await job.commit(async (tx) => {
      const keys = await tx<ConversationKey[]>`
        select c.tenant_id as "tenantId", c.id from conversations c
        where c.tenant_id = ${tenantId} and c.channel_id = any(${data.channelIds}::uuid[]) and c.status <> 'closed'
          and (c.campaign_id is null or (c.assigned_user_id is null and c.status <> 'queued')) and c.id > ${after}::uuid
        order by c.id limit ${BATCH}`;
      await enterCampaigns(tx, keys, now());
      if (keys.length < BATCH) await finishJob(tx, job);
      return keys.length < BATCH ? null : keys.at(-1)!.id;
    });
    if (last === null) return;
    after = last;
    job.progress({});
  }
}

/** Frees the chats that a removed campaign still has, some in each transaction. */
export async function runFreeing(job: RunningJob<{ campaignId: string }>): Promise<void> {
  while (!job.signal.aborted) {
    const isDone = await job.commit(async (tx) => {
      await lockRouting(tx, [job.tenantId]);
      const freed = await freeConversations(tx, job.tenantId, job.data.campaignId);
      if (freed < FREED_AT_ONCE) await finishJob(tx, job);
      return freed < FREED_AT_ONCE;
    });
    if (isDone) return;
    job.progress({});
  }
}
