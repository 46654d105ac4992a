import { type EventData, type timerFired, uuidv7 } from '@recado/contracts';
import type { Tx } from '@recado/database';
import { enqueueJobs } from '@recado/jobs';
import { type Delivered, enqueue } from '@recado/messaging';
import type { ConversationWithContact } from '../conversations/store.ts';
import { firedTimers } from '../timers/fired.ts';
import { timerOrder } from '../timers/orders.ts';
import { surveyJob } from './job.ts';
import { findSettings, scheduleSurvey } from './store.ts';

const ASK = 'survey-ask:';

/**
 * Orders the question about a conversation that was closed just now, in the transaction that closed
 * it. Groups are not asked, nor is a conversation that was asked about before.
 */
export async function orderSurvey(tx: Tx, closed: ConversationWithContact, traceparent?: string): Promise<void> {
  const { tenantId, id: conversationId, contactId, channelId, campaignId, assignedUserId: userId, closedAt } = closed;
  if (closed.contactGroupAddress !== null || closedAt === null) return;
  const found = await findSettings(tx, tenantId, campaignId);
  if (!found?.settings.enabled) return;
  const { settings } = found;
  const about = { tenantId, conversationId, contactId, channelId, campaignId, userId };
  const survey = await scheduleSurvey(tx, { ...about, id: uuidv7(), settings, closedAt });
  if (!survey) return;
  const fireAt = new Date(closedAt.getTime() + settings.delaySeconds * 1000);
  await enqueue(tx, [timerOrder({ tenantId, key: `${ASK}${survey.id}`, fireAt, traceparent })]);
}

/** Those whose time has come are asked by a job: the connector answers outside of transactions. */
export async function askDueSurveys(tx: Tx, events: readonly Delivered<EventData<typeof timerFired>>[]): Promise<void> {
  const due = firedTimers(events, ASK);
  if (due.length === 0) return;
  await enqueueJobs(
    tx,
    surveyJob,
    due.map(({ tenantId, id, fireAt }) => ({
      tenantId,
      // A chat that was opened and closed again has another time.
      key: `ask:${id}:${fireAt.getTime()}`,
      data: { surveyId: id, step: 'ask' as const },
    })),
  );
}
