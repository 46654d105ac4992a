import type { Tx } from '@recado/database';
import { enqueue } from '@recado/messaging';
import { applyOutbound, type ConversationWithContact } from '../conversations/store.ts';
import { contactOf } from '../conversations/views.ts';
import type { Deps } from '../deps.ts';
import { findLastHeard } from '../messages/reading/heard.ts';
import { newOutbound, outboundChange, outboundEvents, worded } from '../messages/sending/outbound.ts';
import { type Prepared, shownFile } from '../messages/sending/prepare.ts';
import { insertOutbound } from '../messages/store.ts';
import { grantMessages } from '../usage/limits.ts';

/**
 * Stores and orders a message of our own in a locked conversation, which stays as it is: closed.
 * @returns its id; null beyond the plan
 */
export async function sendToClosed(
  tx: Tx,
  { tenants, metrics }: Pick<Deps, 'tenants' | 'metrics'>,
  chat: ConversationWithContact,
  prepared: Prepared,
  now: Date,
): Promise<string | null> {
  const { tenantId } = chat;
  const plan = (await tenants.get(tx, [tenantId])).get(tenantId)!;
  const { given, content } = prepared;
  const by = { author: 'system' } as const;
  const message = worded(newOutbound(chat, given, by, now, undefined, null, shownFile(prepared)), prepared);
  const heard = await findLastHeard(tx, chat, [chat.contactId], content);
  // Last, but for the rows of the message: it locks the tenant's month.
  if ((await grantMessages(tx, plan, 1, now)) === 0) return null;
  await insertOutbound(tx, [message]);
  const [after] = await applyOutbound(tx, [outboundChange(chat, [message], now)]);
  const outgoing = { content, about: null, heardAt: heard.get(chat.contactId) };
  await enqueue(
    tx,
    outboundEvents({
      conversation: after!,
      contact: contactOf(chat),
      messages: [message],
      ...(content.kind !== 'text' && { contents: new Map([[message.id, outgoing]]) }),
      isNew: false,
      changed: [],
      traceparent: undefined,
    }),
  );
  metrics.stored.inc({ direction: 'outbound', author: 'system' });
  return message.id;
}
