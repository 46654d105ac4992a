import { createHmac } from 'node:crypto';
import type { MetaNumber } from './numbers.ts';

/** One thing to tell a webhook: a customer's message, a status, or any other field's value. */
export type WebhookItem =
  | { kind: 'message'; key: string; message: object; contact: object | null }
  | { kind: 'status'; key: string; status: object }
  | { kind: 'field'; key: string; field: string; value: object };

interface Change {
  field: string;
  value: object;
}

/**
 * Builds Meta's webhook body: messages and statuses in separate `changes`, each with at most
 * `perChange` items.
 */
export function buildPayload(number: MetaNumber, items: WebhookItem[], perChange: number): object {
  const changes: Change[] = [];
  const frame = {
    messaging_product: 'whatsapp',
    metadata: { display_phone_number: number.displayPhoneNumber, phone_number_id: number.phoneNumberId },
  };
  const messages = items.filter((item) => item.kind === 'message');
  for (const part of chunks(messages, perChange)) {
    const contacts = new Map<string, object>();
    for (const item of part) if (item.contact) contacts.set(JSON.stringify(item.contact), item.contact);
    changes.push({
      field: 'messages',
      value: { ...frame, contacts: [...contacts.values()], messages: part.map((item) => item.message) },
    });
  }
  const statuses = items.filter((item) => item.kind === 'status');
  for (const part of chunks(statuses, perChange)) {
    changes.push({ field: 'messages', value: { ...frame, statuses: part.map((item) => item.status) } });
  }
  const fields = items.filter((item) => item.kind === 'field');
  for (const { field, value } of fields) changes.push({ field, value });
  // Meta times what concerns the account.
  const time = fields.length > 0 ? { time: Math.floor(Date.now() / 1000) } : {};
  return { object: 'whatsapp_business_account', entry: [{ id: number.wabaId, ...time, changes }] };
}

function chunks<T>(items: T[], size: number): T[][] {
  const parts: T[][] = [];
  for (let i = 0; i < items.length; i += size) parts.push(items.slice(i, i + size));
  return parts;
}

/** The bytes of a body; with `escapeUnicode`, everything outside ASCII is written as \uXXXX. */
export function encodeBody(body: unknown, escapeUnicode: boolean): Buffer {
  const json = JSON.stringify(body);
  if (!escapeUnicode) return Buffer.from(json);
  return Buffer.from(
    json.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
  );
}

/** `X-Hub-Signature-256` of these exact bytes. */
export function signBody(appSecret: string, body: Buffer): string {
  return `sha256=${createHmac('sha256', appSecret).update(body).digest('hex')}`;
}
