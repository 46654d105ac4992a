import { type AuditOrigin, type conversationApi, type RouteInput, uuidv7 } from '@recado/contracts';
import { isUniqueViolation, type Tx, withTenant } from '@recado/database';
import { type Caller, Conflict, requirePermission, ValidationFailed } from '@recado/service-kit';
import { isAgentFree } from '../agents/free.ts';
import { lockCampaign, selectCampaign } from '../campaigns/store.ts';
import type { Deps } from '../deps.ts';
import { insertNote } from '../notes/store.ts';
import { lockRouting } from '../routing/lock.ts';
import { checkTagCount, namesChanged } from '../tags/change.ts';
import { selectTagsById, selectTagsOf, setTags } from '../tags/store.ts';
import { futureTime } from '../timers/future.ts';
import { checkConversations, grantMessages } from '../usage/limits.ts';
import { checkAssignable } from './assignee.ts';
import { applyMove, lockOrThrow, type Shown, TRANSFER } from './change.ts';
import { archived, assignedTo, closed, type Moved, movedBy, queued, queuedIn, reopened, snoozed } from './moves.ts';
import { lacksAgent } from './rules.ts';
import { type ConversationWithContact, isOfErased } from './store.ts';

type Body<K extends 'assignConversation' | 'transferConversation' | 'closeConversation' | 'updateConversation'> =
  RouteInput<(typeof conversationApi)[K]>['body'];

/** Who moves which conversation. */
export interface MoveContext {
  caller: Caller;
  origin: AuditOrigin;
  conversationId: string;
}

const moving = (
  deps: Deps,
  { caller: { tenantId }, conversationId }: MoveContext,
  work: (tx: Tx, before: ConversationWithContact) => Promise<Shown>,
): Promise<Shown> =>
  withTenant(deps.db, tenantId, async (tx) => {
    // Both are sent at once. Routing counts the chats of agents under the same lock.
    const [, before] = await Promise.all([lockRouting(tx, [tenantId]), lockOrThrow(tx, tenantId, conversationId)]);
    return work(tx, before);
  });

/**
 * Gives a conversation to a user, or to those that wait.
 * @throws NotFound `conversation` or `user`; Conflict `conversation` for a closed one
 */
export async function assignConversation(
  deps: Deps,
  by: MoveContext,
  { userId, reason }: Body<'assignConversation'>,
): Promise<Shown> {
  if (userId !== null) await checkAssignable(deps, by.caller.tenantId, userId);
  return moving(deps, by, (tx, before) => {
    const moved = userId === null ? queued(before, deps.now()) : assignedTo(userId, before, deps.now());
    return applyMove(tx, by.origin, before, moved, { action: 'conversation.assign', reason: reason ?? null });
  });
}

/** Hands a conversation on. @throws as assignConversation; NotFound `campaign` */
export async function transferConversation(
  deps: Deps,
  by: MoveContext,
  { to, reason }: Body<'transferConversation'>,
): Promise<Shown> {
  if (to.kind === 'user') await checkAssignable(deps, by.caller.tenantId, to.userId);
  return moving(deps, by, async (tx, before) => {
    const now = deps.now();
    if (to.kind === 'campaign') await lockCampaign(tx, before.tenantId, to.campaignId);
    const moved =
      to.kind === 'user'
        ? assignedTo(to.userId, before, now)
        : to.kind === 'campaign'
          ? queuedIn(to.campaignId, before, now)
          : queued(before, now);
    return applyMove(tx, by.origin, before, moved, { action: TRANSFER, reason: reason ?? null });
  });
}

/** Closes a conversation; what is noted with it becomes a note. @throws NotFound `conversation` */
export const closeConversation = (
  deps: Deps,
  by: MoveContext,
  { reason = null, outcome = null, value = null, notes = null }: Body<'closeConversation'>,
): Promise<Shown> =>
  moving(deps, by, async (tx, before) => {
    const moved = closed(before, { reason, outcome, value }, deps.now());
    if (notes !== null && moved.status) {
      const { tenantId, id: conversationId } = before;
      const { userId } = by.caller;
      await insertNote(tx, { tenantId, id: uuidv7(), conversationId, userId, content: notes, mentions: [] });
    }
    return applyMove(tx, by.origin, before, moved, { action: 'conversation.close' });
  });

/**
 * Opens a closed conversation again.
 * @throws NotFound `conversation`; Conflict `conversation_open`; PlanLimit maxConversations
 */
export const reopenConversation = (deps: Deps, by: MoveContext): Promise<Shown> =>
  opening(deps, by, async (tx, before) => {
    const isFree = await mayReturn(tx, before);
    const moved = { ...(await leaveRemoved(tx, before)), ...reopened(before, deps.now(), isFree) };
    return applyMove(tx, by.origin, before, moved, { action: 'conversation.reopen' });
  });

/**
 * Puts a conversation away until a time, or (null) brings it back.
 * @throws NotFound `conversation`; Conflict; ValidationFailed naming `until`
 */
export async function snoozeConversation(deps: Deps, by: MoveContext, until: string | null): Promise<Shown> {
  const at = until === null ? null : futureTime('until', until, deps.now());
  const action = at ? 'conversation.snooze' : 'conversation.wake';
  return moving(deps, by, (tx, before) =>
    applyMove(tx, by.origin, before, at ? snoozed(at, before) : { snoozedUntil: null }, { action }),
  );
}

/** Archives a closed conversation, or brings one back. @throws NotFound `conversation`; Conflict */
export const archiveConversation = (deps: Deps, by: MoveContext, isArchived: boolean): Promise<Shown> =>
  moving(deps, by, (tx, before) =>
    applyMove(tx, by.origin, before, isArchived ? archived(before) : { archived: false }, {
      action: isArchived ? 'conversation.archive' : 'conversation.unarchive',
    }),
  );

/** May open a closed conversation again: within the plan, one for each contact and channel. */
async function opening(deps: Deps, by: MoveContext, work: Parameters<typeof moving>[2]): Promise<Shown> {
  const { tenantId } = by.caller;
  await deps.tenants.ensure(tenantId);
  try {
    return await moving(deps, by, async (tx, before) => {
      const after = await work(tx, before);
      if (before.status !== 'closed' || after.status === 'closed') return after;
      if (await isOfErased(tx, before)) throw new Conflict('The contact was erased', 'conversation');
      const tenant = (await deps.tenants.get(tx, [tenantId])).get(tenantId)!;
      // Its lock makes parallel openings visible.
      await grantMessages(tx, tenant, 0, deps.now());
      await checkConversations(tx, tenant);
      return after;
    });
  } catch (error) {
    if (!isUniqueViolation(error, 'conversations_open')) throw error;
    throw new Conflict('The contact has another open conversation on this channel', 'conversation_open');
  }
}

/**
 * Changes priority, archive, status, user or tags, all or none.
 * @throws Forbidden for what needs chats.assign or chats.close; NotFound `conversation` or `user`
 * @throws those of reopenConversation; ValidationFailed naming a tag
 */
export async function updateConversation(
  deps: Deps,
  by: MoveContext,
  body: Body<'updateConversation'>,
): Promise<Shown> {
  const { caller, origin } = by;
  const { status, assignedUserId, tagIds } = body;
  if (assignedUserId) await checkAssignable(deps, caller.tenantId, assignedUserId);
  return opening(deps, by, async (tx, before) => {
    const { priority = before.priority } = body;
    if (assignedUserId !== undefined) requirePermission(caller, 'chats.assign');
    if (status && (status === 'closed' || before.status === 'closed')) requirePermission(caller, 'chats.close');
    const left = status ? await leaveRemoved(tx, before) : {};
    const put = body.archived === undefined ? {} : { archived: body.archived };
    const now = deps.now();
    const asked = { priority, ...put, ...left, ...movedBy(body, before, now, await mayReturn(tx, before)) };
    const moved = status === undefined ? asked : { ...asked, ...(await takenBy(tx, caller, before, asked, now)) };
    const more = tagIds ? await changeTags(tx, before, tagIds) : {};
    return applyMove(tx, origin, before, moved, { action: 'conversation.update', more });
  });
}

/** Whether a closed chat may return to its agent: one of a campaign only if they take chats now. */
const mayReturn = async (
  tx: Tx,
  { tenantId, status, campaignId, assignedUserId }: ConversationWithContact,
): Promise<boolean> =>
  status !== 'closed' ||
  campaignId === null ||
  assignedUserId === null ||
  (await isAgentFree(tx, tenantId, assignedUserId, campaignId));

/**
 * Who shows a chat of a campaign that no user has as active or pending takes it, if routing could
 * give it to them. Else it waits: else it would have no agent.
 * @throws Conflict `conversation_waits` for an open one
 */
async function takenBy(
  tx: Tx,
  { userId }: Caller,
  before: ConversationWithContact,
  asked: Moved,
  now: Date,
): Promise<Moved> {
  const after = { ...before, ...asked };
  if (!lacksAgent(after) || after.status === 'queued' || asked.status === undefined) return {};
  if (userId !== null && (await isAgentFree(tx, before.tenantId, userId, after.campaignId!))) {
    return { assignedUserId: userId, assignedAt: now };
  }
  if (before.status === 'closed') return { status: 'queued' };
  throw new Conflict('The conversation waits for an agent', 'conversation_waits');
}

/** A closed chat of a campaign that was removed is in none once it opens. */
async function leaveRemoved(tx: Tx, { tenantId, status, campaignId }: ConversationWithContact): Promise<Moved> {
  if (status !== 'closed' || campaignId === null) return {};
  const [campaign] = await selectCampaign(tx, tenantId, campaignId);
  return campaign ? {} : { campaignId: null };
}

async function changeTags(tx: Tx, { tenantId, id }: { tenantId: string; id: string }, tagIds: readonly string[]) {
  const wanted = [...new Set(tagIds)];
  checkTagCount(wanted.length, 'tagIds');
  const [before, found] = await Promise.all([selectTagsOf(tx, tenantId, id), selectTagsById(tx, tenantId, wanted)]);
  const known = new Set(found.map((tag) => tag.id));
  const unknown = tagIds.flatMap((tagId, i) =>
    known.has(tagId) ? [] : [{ field: `tagIds.${i}`, message: 'No such tag', code: 'unknown_tag' as const }],
  );
  if (unknown.length > 0) throw new ValidationFailed(unknown);
  const same = before.length === wanted.length && before.every((tag) => known.has(tag.id));
  if (same) return {};
  await setTags(tx, tenantId, id, wanted);
  return namesChanged(before, await selectTagsOf(tx, tenantId, id));
}
