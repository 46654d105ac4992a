import type { RecipientAddress } from '@recado/contracts';
import { cleanId } from '../../webhooks/clean.ts';
import { isObject, jidOf, textOf } from '../web-message.ts';

/**
 * WhatsApp's own id in WPPConnect's `true_<chat>_<id>_out`. The chat in it changes between a phone
 * and a hidden address, so the whole text would not match from one event to the next.
 */
export function bareId(value: unknown): string | null {
  if (isObject(value)) return bareId(textOf(value.id) ?? value._serialized);
  const given = textOf(value);
  if (given === undefined) return null;
  const [own, , id] = given.split('_');
  return cleanId((own === 'true' || own === 'false') && id ? id : given);
}

/** A chat as the server's routes name one: it adds the end of the address by itself. */
export function chatOf(recipient: RecipientAddress): { phone: string; isLid: boolean; isGroup: boolean } {
  const [phone = '', server] = jidOf(recipient).split('@');
  return { phone, isLid: server === 'lid', isGroup: server === 'g.us' };
}

/** Whether an id is of a message of ours. */
export const isOurs = (value: unknown): boolean =>
  isObject(value)
    ? value.fromMe === true || isOurs(value._serialized)
    : typeof value === 'string' && value.startsWith('true_');
