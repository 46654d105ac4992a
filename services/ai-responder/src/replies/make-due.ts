import { type EventData, type timerFired, uuid } from '@recado/contracts';
import type { Tx } from '@recado/database';
import { enqueueJobs } from '@recado/jobs';
import type { Delivered } from '@recado/messaging';
import { jobOf } from './adopt.ts';
import { replyJob } from './job.ts';
import { markDue } from './store.ts';
import { type ConversationKey, lockTurns } from './turns.ts';

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
  await lockTurns(tx, conversations);
  await enqueueJobs(tx, replyJob, (await markDue(tx, conversations)).map(jobOf));
}
