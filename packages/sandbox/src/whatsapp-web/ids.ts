import { createHash } from 'node:crypto';
import type { Ids } from '../ids.ts';

const digest = (ids: Ids, kind: string): string => createHash('sha256').update(ids.short(kind)).digest('hex');

/** An id of a message as WhatsApp Web and its libraries write them. */
export const webMessageId = (ids: Ids): string => `3EB0${digest(ids, 'msg_').slice(0, 18).toUpperCase()}`;

export function uuidFrom(ids: Ids): string {
  const hex = digest(ids, 'uuid_');
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ];
  return parts.join('-');
}

/** The text in a QR code: a reference that changes with each code, and keys. */
export const qrText = (ids: Ids): string =>
  `2@${Buffer.from(digest(ids, 'qr_'), 'hex').toString('base64')},${digest(ids, 'key_').slice(0, 43)},1`;

/** Eight letters and digits that a person types on the phone instead of scanning. */
export function pairingCode(ids: Ids): string {
  const letters = '123456789ABCDEFGHJKLMNPQRSTVWXYZ';
  const bytes = Buffer.from(digest(ids, 'pair_'), 'hex').subarray(0, 8);
  return [...bytes].map((byte) => letters[byte % letters.length]).join('');
}
