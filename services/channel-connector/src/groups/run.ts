import { buildEvent, type Channel, groupReported } from '@recado/contracts';
import { finishJob, type RunningJob } from '@recado/jobs';
import { enqueue } from '@recado/messaging';
import type { Deps } from '../deps.ts';
import type { GroupFacts } from '../providers/news.ts';
import type { Outcome } from '../providers/provider.ts';

type LookUp = RunningJob<{ channelId: string; groupId: string }>;

/**
 * Asks the provider for a group, and tells what it said. A provider without an answer changes
 * nothing: the group keeps what is known of it.
 */
export async function lookUpGroup(deps: Pick<Deps, 'directory' | 'now'>, job: LookUp): Promise<void> {
  const { channelId, groupId } = job.data;
  const at = deps.now().toISOString();
  const channel = await deps.directory.find(`id:${channelId}`);
  const asks = channel?.tenantId === job.tenantId && channel.proven && channel.groups.stored;
  const outcome = asks ? await channel.provider.lookUpGroup?.(channel, groupId) : undefined;
  const facts = outcome && factsOf(outcome);
  await job.commit(async (tx) => {
    if (!(await finishJob(tx, job)) || !facts) return;
    const provider = channel!.provider.name as Channel['provider'];
    const data = { channelId, provider, groupId, ...facts, asked: true, at };
    await enqueue(tx, [buildEvent(groupReported, { tenantId: job.tenantId, data })]);
  });
}

/** @returns null for a no. @throws when another try may help */
function factsOf(outcome: Outcome<GroupFacts>): GroupFacts | null {
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
