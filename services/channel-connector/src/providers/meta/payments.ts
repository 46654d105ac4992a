import { cleanId, fitDetails, idOfContent } from '../../webhooks/clean.ts';
import type { InboundMessage } from '../provider.ts';
import { Fields, isObject, type Json } from './fields.ts';
import { readSender } from './sender.ts';

/** Whether a status tells of money for an order that we sent, and not of a message's way. */
export const isPayment = (status: Json): boolean => status.type === 'payment' || isObject(status.payment);

/** A payment as a notice in the customer's chat, about the message that asked for it. */
export function readPayment(source: Json, contacts: readonly Json[], now: Date): InboundMessage {
  const item = new Fields(source);
  const id = idOfContent(source);
  const { from } = readSender(new Fields({ from: source.recipient_id ?? source.from }), contacts, id);
  const about = item.string('id') || null;
  const told = item.object('payment');
  const amount = told?.object('amount');
  const [value, offset] = [amount?.number('value'), amount?.number('offset') || 1];
  const payment = {
    status: item.string('status'),
    referenceId: told?.id('reference_id'),
    amount: value === undefined ? undefined : value / offset,
    currency: told?.string('currency'),
    method: told?.object('transaction')?.string('type'),
  };
  const sentTime = item.timestamp(now);
  for (const key of ['type', 'from', 'recipient_id']) item.skip(key);
  const raw = item.rest();
  return {
    providerMessageId: id,
    from,
    type: 'system',
    content: '',
    ...fitDetails({ payment, ...(raw && { raw }) }, null),
    replyToProviderMessageId: about && cleanId(about),
    sentTime,
  };
}
