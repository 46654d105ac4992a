import type { Tx } from '@recado/database';
import type { PresenceChange } from '../agents/store.ts';
import { lockConversations } from '../conversations/store.ts';
import { joinByIndex } from '../plans.ts';
import { lockRouting } from './lock.ts';
import { selectLeft, writeReturns } from './store.ts';
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
  const befores = await lockConversations(tx, left);
  const agents = new Set(gone.map(({ id }) => id));
  // A person may have closed or moved one until we had its lock.
  const valid = befores.filter(({ status, assignedUserId }) => status !== 'closed' && agents.has(assignedUserId ?? ''));
  if (valid.length === 0) return;
  await tellOfRouting(tx, valid, await writeReturns(tx, valid), 'conversation.return');
}
