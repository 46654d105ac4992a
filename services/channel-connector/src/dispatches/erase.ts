import type { contactErased, EventData } from '@recado/contracts';
import type { Tx } from '@recado/database';
import { enqueue } from '@recado/messaging';
import { dispatchStatusEvent } from './events.ts';

type Sent = EventData<typeof contactErased>['messages'];
const GONE = { code: 'contact_erased', message: 'The contact was erased before it was sent' };

/**
 * Erases words and addresses of messages. What waits goes out no more, and what is still to be
 * ordered never does. One that is being sent is left to the next round.
 */
export async function eraseDispatches(tx: Tx, tenantId: string, messages: Sent, at: Date): Promise<void> {
  if (messages.length === 0) return;
  const failed = [...(await failWaiting(tx, tenantId, messages)), ...(await failUnordered(tx, tenantId, messages))];
  const ids = messages.map(({ messageId }) => messageId);
  await tx`
    update dispatches d set recipient = ${EMPTY}::text::jsonb, body = '', content = null, about = null,
      provider_message_id = null, error_message = null
    where d.tenant_id = ${tenantId} and d.message_id = any(${ids}::uuid[]) and d.state not in ('queued', 'sending')`;
  await tx`
    update dispatch_attempts set provider_message_id = null, error_message = null
    where tenant_id = ${tenantId} and message_id = any(${ids}::uuid[])
      and (provider_message_id is not null or error_message is not null)`;
  await enqueue(
    tx,
    failed.map((one) => dispatchStatusEvent({ tenantId, ...one }, 'failed', null, GONE, at)),
  );
}

const EMPTY = JSON.stringify({ waId: null, phone: null, userId: null });

const failWaiting = (tx: Tx, tenantId: string, messages: Sent) => tx<{ messageId: string; channelId: string }[]>`
  update dispatches d set state = 'failed', error_code = ${GONE.code}, updated_at = now()
  where d.tenant_id = ${tenantId} and d.message_id = any(${messages.map((m) => m.messageId)}::uuid[]) and d.state = 'queued'
  returning d.message_id as "messageId", d.channel_id as "channelId"`;

/** The order is still on its way: a failed row absorbs it. */
function failUnordered(tx: Tx, tenantId: string, messages: Sent) {
  const pending = messages.filter(({ isPending }) => isPending);
  return tx<{ messageId: string; channelId: string }[]>`
    insert into dispatches as d (tenant_id, message_id, conversation_id, channel_id, recipient, type, body, state,
                                 error_code, requested_at)
    select ${tenantId}::uuid, m, c, ch, ${EMPTY}::text::jsonb, 'text', '', 'failed', ${GONE.code}, now()
    from unnest(${pending.map((m) => m.messageId)}::uuid[], ${pending.map((m) => m.conversationId)}::uuid[],
                ${pending.map((m) => m.channelId)}::uuid[]) as x (m, c, ch)
    on conflict do nothing
    returning d.message_id as "messageId", d.channel_id as "channelId"`;
}
