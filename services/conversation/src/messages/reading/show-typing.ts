import { readTenant } from '@recado/database';
import { type CallContext, type Caller, NotFound } from '@recado/service-kit';
import { addressOf } from '../../conversations/address.ts';
import { selectByIds } from '../../conversations/list.ts';
import { contactOf } from '../../conversations/views.ts';
import type { Deps } from '../../deps.ts';
import { markRead } from './mark-read.ts';
import { selectLastInbound } from './read-store.ts';

/**
 * Shows the customer that an agent is typing. Who writes has read: that is noted here as well.
 * @returns false when there is nothing to show it by
 * @throws NotFound; Unavailable when the connector is away
 */
export async function showTyping(
  deps: Deps,
  by: { caller: Caller; context: CallContext },
  conversationId: string,
): Promise<boolean> {
  const { tenantId } = by.caller;
  const [[conversation], [last]] = await readTenant(deps.db, tenantId, (tx) => [
    selectByIds(tx, tenantId, [conversationId]),
    selectLastInbound(tx, tenantId, conversationId),
  ]);
  if (!conversation) throw new NotFound('conversation', conversationId);
  if (conversation.status === 'closed' || !last?.providerMessageId) return false;
  if (last.readAt === null) await markRead(deps, by, { messageIds: [last.id] });
  const to = addressOf(conversation, contactOf(conversation));
  const typing = { providerMessageId: last.providerMessageId, to };
  return deps.channels.showTyping(tenantId, conversation.channelId, typing, by.context);
}
