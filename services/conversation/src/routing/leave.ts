import type { Tx } from '@recado/database';
import type { LoweredLimit, PresenceChange } from '../agents/store.ts';
import { lockConversations } from '../conversations/store.ts';
import { joinByIndex } from '../plans.ts';
import { lockRouting } from './lock.ts';
import { type ConversationKey, selectLeft, selectOverfull, selectWoken, writeReturns } from './store.ts';
import { tellOfRouting } from './tell.ts';

/** Returns the chats of agents who left or paused to the queue, where their campaign wants it. */
export async function returnChats(tx: Tx, changes: readonly PresenceChange[]): Promise<void> {
  joinByIndex(tx);
  const gone = changes.filter(({ agentStatus }) => agentStatus === 'offline' || agentStatus === 'paused');
  if (gone.length === 0) return;
  await lockRouting(
    tx,
    gone.map(({ tenantId }) => tenantId),
  );
  const left = await selectLeft(tx, gone);
  if (left.length === 0) return;
  await takeBack(tx, left, new Set(gone.map(({ id }) => id)));
}

/** Returns chats that came back from a snooze to an agent who is away. */
export async function returnWoken(tx: Tx, keys: readonly ConversationKey[]): Promise<void> {
  joinByIndex(tx);
  await lockRouting(
    tx,
    keys.map(({ tenantId }) => tenantId),
  );
  const left = await selectWoken(tx, keys);
  if (left.length > 0) await takeBack(tx, left, new Set(left.map(({ agentId }) => agentId)));
}

async function takeBack(tx: Tx, left: readonly ConversationKey[], agents: ReadonlySet<string>): Promise<void> {
  const befores = await lockConversations(tx, left);
  // A person may have closed or moved one until we had its lock.
  const valid = befores.filter(({ status, assignedUserId }) => status !== 'closed' && agents.has(assignedUserId ?? ''));
  if (valid.length === 0) return;
  await tellOfRouting(tx, valid, await writeReturns(tx, valid), 'conversation.return');
}

/**
 * Returns the chats that agents have beyond a limit that was lowered, the oldest first, where their
 * campaign wants it. The caller has locked the routing of these tenants.
 */
export async function returnOverfull(tx: Tx, lowered: readonly LoweredLimit[]): Promise<void> {
  if (lowered.length === 0) return;
  const over = await selectOverfull(tx, lowered);
  if (over.length === 0) return;
  const befores = await lockConversations(tx, over);
  const agentOf = new Map(over.map(({ id, userId }) => [id, userId]));
  const valid = befores.filter(
    ({ id, status, assignedUserId }) => status !== 'closed' && assignedUserId === agentOf.get(id),
  );
  if (valid.length === 0) return;
  await tellOfRouting(tx, valid, await writeReturns(tx, valid), 'conversation.return', 'full');
}
