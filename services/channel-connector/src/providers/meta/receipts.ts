import type { Dispatcher } from 'undici';
import { callOnce } from '../call.ts';
import { type Outcome, RECEIPT_TIMEOUT_MS } from '../provider.ts';
import { isObject } from './fields.ts';
import { judge, VERSION } from './graph-client.ts';

export interface MetaReceipt {
  phoneNumberId: string;
  accessToken: string;
  messageId: string;
  /** Also shows that an agent is typing, until the answer or for 25 s. */
  typing?: true;
}

/** Marks a message and all before it as read. Meta takes a repeat without complaint. */
export async function sendRead(
  { graphUrl, dispatcher }: { graphUrl: string; dispatcher: Dispatcher },
  { phoneNumberId, accessToken, messageId, typing }: MetaReceipt,
): Promise<Outcome<true>> {
  const { origin, pathname } = new URL(graphUrl);
  const outcome = await callOnce(dispatcher, {
    origin,
    path: `${pathname.replace(/\/$/, '')}/${VERSION}/${phoneNumberId}/messages`,
    method: 'POST',
    headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      messaging_product: 'whatsapp',
      status: 'read',
      message_id: messageId,
      ...(typing && { typing_indicator: { type: 'text' } }),
    }),
    timeoutMs: RECEIPT_TIMEOUT_MS,
  });
  return judge(outcome, (body) => (isObject(body) && body.success === true ? true : null));
}
