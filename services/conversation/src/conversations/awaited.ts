import { type BuiltEvent, buildEvent, conversationAwaited } from '@recado/contracts';
import { lacksAgent } from './rules.ts';
import type { OpenConversation } from './store.ts';

/** The news that one wrote in a chat of a campaign that no user has: routing looks at it. */
export function awaited(row: OpenConversation, traceparent: string | undefined): BuiltEvent[] {
  if (!lacksAgent(row)) return [];
  const { tenantId, id } = row;
  const data = { conversationId: id, campaignId: row.campaignId! };
  return [buildEvent(conversationAwaited, { tenantId, subject: id, traceparent, data })];
}
