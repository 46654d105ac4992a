import { createHash } from 'node:crypto';
import type { conversationUpdated, EventData, RuleEvent } from '@recado/contracts';
import type { Tx } from '@recado/database';
import { enqueueJobs } from '@recado/jobs';
import { rulesJob } from './job.ts';
import { findRuled } from './store.ts';

/** Something that rules may run for. */
export interface Occurrence {
  tenantId: string;
  event: RuleEvent;
  eventId: string;
  conversationId: string;
  messageId?: string | undefined;
  /** Of one that waited. */
  ruleId?: string | undefined;
  cause?: readonly string[] | undefined;
}

/** Orders the rules of what happened. Tenants without such rules cost one look for all of them. */
export async function orderRules(tx: Tx, occurred: readonly Occurrence[]): Promise<void> {
  if (occurred.length === 0) return;
  const tenantIds = [...new Set(occurred.map(({ tenantId }) => tenantId))];
  const ruled = await findRuled(tx, tenantIds, [...new Set(occurred.map(({ event }) => event))]);
  const due = occurred.filter(({ tenantId, event }) => ruled.has(`${tenantId} ${event}`));
  await enqueueJobs(
    tx,
    rulesJob,
    due.map(({ tenantId, event, eventId, conversationId, messageId = null, ruleId = null, cause = [] }) => ({
      tenantId,
      data: { event, eventId, conversationId, messageId, ruleId, cause: [...cause] },
      key: `${event} ${eventId}`,
    })),
  );
}

/** What an update of a conversation is for rules. */
export function eventsOfUpdate({
  conversation: { status, assignedUserId },
  changed,
  previousStatus,
}: EventData<typeof conversationUpdated>): RuleEvent[] {
  const events: RuleEvent[] = [];
  if (changed.includes('assignedUserId') && assignedUserId !== null) events.push('conversation.assigned');
  if (changed.includes('status')) {
    if (status === 'closed') events.push('conversation.closed');
    else if (previousStatus === 'closed') events.push('conversation.reopened');
    if (status === 'queued') events.push('conversation.queued');
  }
  if (changed.includes('tags')) events.push('conversation.tagged');
  return events;
}

/** The same id for the same wait of a customer: a rule runs once for it. */
export function waitId(ruleId: string, conversationId: string, about: string): string {
  const hex = createHash('sha256').update(`${ruleId} ${conversationId} ${about}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
