import {
  type AuditEntry,
  type AuditOrigin,
  buildAudit,
  type conversationApi,
  conversationAudit,
  MAX_SCHEDULED,
  MAX_SCHEDULED_IN_CHAT,
  type RouteInput,
  type ScheduledMessage,
  uuidv7,
} from '@recado/contracts';
import { once, type Tx, withTenant } from '@recado/database';
import { enqueue } from '@recado/messaging';
import { type Caller, Conflict, NotFound, requirePermission, ValidationFailed } from '@recado/service-kit';
import { contentOfAnswer, noteUse } from '../canned-answers/use.ts';
import type { Deps } from '../deps.ts';
import { lockKind } from '../lock-kind.ts';
import { futureTime } from '../timers/future.ts';
import { timerCancellation, timerOrder } from '../timers/orders.ts';
import { isAuthor, isOvertaken } from './rules.ts';
import { countWaiting, insertScheduled, lockScheduled, patchScheduled, type ScheduledInChat } from './store.ts';
import { scheduledNews, scheduledView } from './views.ts';

type NewScheduled = RouteInput<typeof conversationApi.scheduleMessage>['body'];
type ScheduledChange = RouteInput<typeof conversationApi.updateScheduledMessage>['body'];

export const SCHEDULED = 'scheduled-message:';

/** Who schedules what in which chat. */
export interface ScheduledContext {
  caller: Caller;
  origin: AuditOrigin;
  conversationId: string;
}

/**
 * Keeps a message that is sent later, and orders its timer. A canned answer is filled in now.
 * @throws NotFound; ValidationFailed naming `sendAt`, or beyond what may wait
 */
export async function scheduleMessage(
  deps: Deps,
  { caller, origin, conversationId }: ScheduledContext,
  { content, canned, sendAt, cancelOnReply }: NewScheduled,
): Promise<ScheduledMessage> {
  const { tenantId, userId } = caller;
  const now = deps.now();
  const at = futureTime('sendAt', sendAt, now);
  const said = content ?? (await contentOfAnswer(deps, caller, conversationId, canned!));
  let isNew = false;
  const work = async (tx: Tx): Promise<ScheduledMessage> => {
    await lockKind(tx, 'scheduled messages', tenantId);
    const chat = await countWaiting(tx, tenantId, conversationId);
    if (!chat) throw new NotFound('conversation', conversationId);
    if (chat.chat >= MAX_SCHEDULED_IN_CHAT) throw tooMany(MAX_SCHEDULED_IN_CHAT);
    if (chat.tenant >= MAX_SCHEDULED) throw tooMany(MAX_SCHEDULED);
    const row: ScheduledInChat = {
      ...{ tenantId, id: uuidv7(), conversationId, userId, content: said, sendAt: at, cancelOnReply },
      apiKeyId: caller.apiKeyId ?? null,
      ...{ status: 'scheduled', reason: null, error: null, messageId: null, settledAt: null },
      ...{ createdAt: now, updatedAt: now, lastInboundAt: null },
      ...{ contactName: chat.contactName, assignedUserId: chat.assignedUserId },
    };
    await insertScheduled(tx, row);
    const { traceparent } = origin;
    await enqueue(tx, [
      timerOrder({ tenantId, key: `${SCHEDULED}${row.id}`, fireAt: at, traceparent }),
      scheduledNews(row, traceparent),
      audited(origin, 'scheduled_message.create', row.id, { sendAt: { from: null, to: at.toISOString() } }),
    ]);
    isNew = true;
    return scheduledView(row);
  };
  const made = await withTenant(deps.db, tenantId, (tx) => once(tx, tenantId, origin.callKey, () => work(tx)));
  if (canned && isNew) await noteUse(deps, tenantId, canned.answerId);
  return made;
}

/**
 * Changes one that waits. The customer's messages count from its making on, as before.
 * @throws NotFound `scheduled_message`; Forbidden; Conflict when it waits no more; ValidationFailed
 */
export async function updateScheduled(
  deps: Deps,
  { caller, origin, conversationId }: ScheduledContext,
  scheduledId: string,
  given: ScheduledChange,
): Promise<ScheduledMessage> {
  const { tenantId } = caller;
  const at = given.sendAt === undefined ? undefined : futureTime('sendAt', given.sendAt, deps.now());
  const said = given.canned ? await contentOfAnswer(deps, caller, conversationId, given.canned) : given.content;
  return withTenant(deps.db, tenantId, async (tx) => {
    const before = await lockScheduled(tx, tenantId, scheduledId, conversationId);
    checkAuthor(caller, before);
    checkWaiting(before);
    const { cancelOnReply = before.cancelOnReply } = given;
    const after = {
      ...before,
      content: said ?? before.content,
      cancelOnReply,
      sendAt: at ?? before.sendAt,
      updatedAt: deps.now(),
    };
    const changes = changesOf(before, after);
    if (Object.keys(changes).length === 0) return scheduledView(before);
    await patchScheduled(tx, after);
    const { traceparent } = origin;
    const timer = { tenantId, key: `${SCHEDULED}${scheduledId}`, fireAt: after.sendAt, traceparent };
    await enqueue(tx, [
      ...(changes.sendAt ? [timerOrder(timer)] : []),
      scheduledNews(after, traceparent),
      audited(origin, 'scheduled_message.update', scheduledId, changes),
    ]);
    return scheduledView(after);
  });
}

/** Cancels one that waits, once. @throws NotFound; Forbidden; Conflict */
export async function cancelScheduled(
  deps: Deps,
  { caller, origin, conversationId }: ScheduledContext,
  scheduledId: string,
): Promise<ScheduledMessage> {
  const { tenantId } = caller;
  return withTenant(deps.db, tenantId, async (tx) => {
    const before = await lockScheduled(tx, tenantId, scheduledId, conversationId);
    checkAuthor(caller, before);
    if (before.status === 'cancelled') return scheduledView(before);
    if (before.status !== 'scheduled') throw over();
    const reason = isOvertaken(before, before.lastInboundAt) ? 'customer_wrote' : 'user';
    const after: ScheduledInChat = { ...before, status: 'cancelled', reason, settledAt: deps.now() };
    await patchScheduled(tx, after);
    const { traceparent } = origin;
    const changes = { status: { from: 'scheduled', to: 'cancelled' } };
    await enqueue(tx, [
      timerCancellation({ tenantId, key: `${SCHEDULED}${scheduledId}`, traceparent }),
      scheduledNews(after, traceparent),
      audited(origin, 'scheduled_message.cancel', scheduledId, changes),
    ]);
    return scheduledView(after);
  });
}

/** It goes out in its author's name. @throws Forbidden */
function checkAuthor(caller: Caller, row: ScheduledInChat): void {
  if (!isAuthor(row, caller)) requirePermission(caller, 'chats.assign');
}

function checkWaiting(row: ScheduledInChat): void {
  if (row.status !== 'scheduled' || isOvertaken(row, row.lastInboundAt)) throw over();
}

const over = () => new Conflict('The message is not waiting any more', 'scheduled_message');

/** What it says stays out of the audit log. */
function changesOf(before: ScheduledInChat, after: ScheduledInChat): NonNullable<AuditEntry['changes']> {
  const [from, to] = [before.sendAt.toISOString(), after.sendAt.toISOString()];
  const reply = { from: before.cancelOnReply, to: after.cancelOnReply };
  const isSaidAnew = JSON.stringify(before.content) !== JSON.stringify(after.content);
  return {
    ...(isSaidAnew && { content: { from: null, to: '…' } }),
    ...(from !== to && { sendAt: { from, to } }),
    ...(reply.from !== reply.to && { cancelOnReply: reply }),
  };
}

const audited = (origin: AuditOrigin, action: string, entityId: string, changes: AuditEntry['changes']) =>
  buildAudit(conversationAudit, origin, { action, entityType: 'scheduled_message', entityId, changes });

const tooMany = (maximum: number) =>
  new ValidationFailed([
    { field: 'sendAt', message: `At most ${maximum} wait`, code: 'too_big', params: { origin: 'array', maximum } },
  ]);
