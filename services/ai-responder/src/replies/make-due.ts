import { type EventData, type timerFired, uuid } from '@recado/contracts';
import type { Tx } from '@recado/database';
import { enqueueJobs } from '@recado/jobs';
import type { Delivered } from '@recado/messaging';
import { jobOf } from './adopt.ts';
import { replyJob } from './job.ts';
import { type ConversationKey, markDue, supersedeEarlier } from './store.ts';

const OWNER = 'ai-responder';
const PREFIX = 'reply:';

/**
 * Makes all that waits in the timers' conversations due, each with its job. All: of two orders at
 * the same moment the scheduler keeps one. Repeats find nothing waiting.
 */
export async function makeRepliesDue(
  tx: Tx,
  events: readonly Delivered<EventData<typeof timerFired>>[],
): Promise<void> {
  const conversations = events.flatMap(({ tenantId, data }): ConversationKey[] => {
    if (data.owner !== OWNER || !data.key.startsWith(PREFIX)) return [];
    const id = uuid().safeParse(data.key.slice(PREFIX.length));
    return id.success ? [{ tenantId, conversationId: id.data }] : [];
  });
  if (conversations.length === 0) return;
  const due = await markDue(tx, conversations);
  const superseded = await supersedeEarlier(tx, conversations);
  const left = due.filter((reply) => !superseded.has(reply.inboundMessageId));
  await enqueueJobs(tx, replyJob, left.map(jobOf));
}
