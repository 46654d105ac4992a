import {
  type AuditEntry,
  type AuditOrigin,
  type BuiltEvent,
  buildAudit,
  buildEvent,
  type Conversation,
  changesBetween,
  conversationAudit,
  conversationUpdated,
  type EventData,
  type Tag,
} from '@recado/contracts';
import type { Tx } from '@recado/database';
import { enqueue } from '@recado/messaging';
import { NotFound } from '@recado/service-kit';
import { followChat } from '../boards/follow.ts';
import { orderSurvey } from '../surveys/schedule.ts';
import { selectTagsOf } from '../tags/store.ts';
import { recordChange } from '../timeline/record.ts';
import { timerCancellation, timerOrder } from '../timers/orders.ts';
import { consequencesOf, type Moved } from './moves.ts';
import { type ConversationRow, type ConversationWithContact, lockConversation, patchConversation } from './store.ts';
import { contactOf, conversationView } from './views.ts';

/** @throws NotFound `conversation` */
export async function lockOrThrow(tx: Tx, tenantId: string, id: string): Promise<ConversationWithContact> {
  const row = await lockConversation(tx, tenantId, id);
  if (!row) throw new NotFound('conversation', id);
  return row;
}

/** A conversation as every route shows it. */
export type Shown = Conversation & { tags: Tag[] };

export interface ConversationChange {
  /** In the audit log. */
  action: string;
  changes: NonNullable<AuditEntry['changes']>;
  transfer?: Transfer | undefined;
}

/** From whom a conversation was handed on, and why. */
export type Transfer = NonNullable<EventData<typeof conversationUpdated>['transfer']>;

/** The news of a change, and its line in the audit log. */
export async function tellOfConversation(
  tx: Tx,
  origin: AuditOrigin,
  conversation: Conversation,
  { action, changes, transfer }: ConversationChange,
): Promise<void> {
  const { tenantId, traceparent, cause } = origin;
  const previous = changes.status?.from as Conversation['status'] | undefined;
  const data = {
    conversation,
    changed: shownFields(changes),
    transfer,
    previousStatus: previous,
    cause: cause && [...cause],
  };
  const what = { action, entityType: 'conversation', entityId: conversation.id, changes };
  await enqueue(tx, [
    buildEvent(conversationUpdated, { tenantId, subject: conversation.id, traceparent, data }),
    buildAudit(conversationAudit, origin, what),
  ]);
}

/** The fields of the conversation in which the changes are seen. Why it was moved is in none. */
function shownFields(changes: ConversationChange['changes']): string[] {
  const fields = Object.keys(changes).filter((name) => name !== 'reason');
  return [...new Set(fields.map((name) => (CLOSING.has(name) ? 'closing' : name)))];
}

/** In the audit log. */
export const TRANSFER = 'conversation.transfer';

const CLOSING = new Set(['closeReason', 'outcome', 'outcomeValue']);

/**
 * Writes what a move makes of a locked conversation, and tells of it, unless it is so already.
 * @param reason why, for the audit log
 */
export async function applyMove(
  tx: Tx,
  origin: AuditOrigin,
  before: ConversationWithContact,
  asked: Moved,
  {
    action,
    reason = null,
    more = {},
  }: { action: string; reason?: string | null; more?: ConversationChange['changes'] },
): Promise<Shown> {
  const moved = { ...asked, ...consequencesOf(before, asked) };
  const changes: ConversationChange['changes'] = {
    ...changesBetween(audited(before), audited({ ...before, ...moved })),
    ...more,
  };
  const tags = [...(await selectTagsOf(tx, before.tenantId, before.id))];
  if (Object.keys(changes).length === 0) return { ...conversationView(before, contactOf(before)), tags };
  const after = { ...before, ...(await patchConversation(tx, { ...before, ...moved })) };
  await recordChange(tx, before, changes, { userId: origin.actor.userId, at: after.updatedAt });
  const view = { ...conversationView(after, contactOf(after)), tags };
  if (reason !== null) changes.reason = { from: null, to: reason };
  const transfer: Transfer | undefined =
    action === TRANSFER
      ? { fromUserId: before.assignedUserId, fromCampaignId: before.campaignId, reason, byUserId: origin.actor.userId }
      : undefined;
  await tellOfConversation(tx, origin, view, { action, changes, transfer });
  if (before.status !== 'closed' && after.status === 'closed') await orderSurvey(tx, after, origin.traceparent);
  await enqueue(tx, snoozeTimers(before, after, origin.traceparent));
  const { traceparent, actor } = origin;
  await followChat(
    tx,
    { tenantId: after.tenantId, cardId: after.id, byUserId: actor.userId, traceparent },
    before,
    after,
  );
  return view;
}

export const SNOOZE = 'conversation-snooze:';

/** Orders the end of a snooze, or takes that order back. */
export function snoozeTimers(before: Snoozable, after: Snoozable, traceparent?: string): BuiltEvent[] {
  if (before.snoozedUntil?.getTime() === after.snoozedUntil?.getTime()) return [];
  const timer = { tenantId: after.tenantId, key: `${SNOOZE}${after.id}`, traceparent };
  return [after.snoozedUntil ? timerOrder({ ...timer, fireAt: after.snoozedUntil }) : timerCancellation(timer)];
}
type Snoozable = Pick<ConversationRow, 'tenantId' | 'id' | 'snoozedUntil'>;

const audited = (c: ConversationWithContact) => ({
  status: c.status,
  assignedUserId: c.assignedUserId,
  campaignId: c.campaignId,
  priority: c.priority,
  archived: c.archived,
  snoozedUntil: c.snoozedUntil?.toISOString() ?? null,
  closeReason: c.closeReason,
  outcome: c.outcome,
  outcomeValue: c.outcomeValue,
});
