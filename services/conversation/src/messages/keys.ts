import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { columns, type Tx } from '@recado/database';
import { ValidationFailed } from '@recado/service-kit';
import { messageKeys } from '../schema.ts';

/** A send that may be asked for again under the same key. */
export interface SendKey {
  key: string;
  /** Digest of what is asked. */
  request: string;
}

const claimColumns = columns(messageKeys, { only: ['messageId', 'request'] });

const HEADER = 'idempotency-key';
const KEY = /^[\x21-\x7e]{1,128}$/;

/**
 * The key a send came with; null when it came with none.
 * @param asked what is to be sent and where: the same key must come with the same again
 * @throws ValidationFailed for a key that is none
 */
export function sendKeyOf(headers: IncomingHttpHeaders, ...asked: string[]): SendKey | null {
  const key = headers[HEADER];
  if (key === undefined) return null;
  if (typeof key !== 'string' || !KEY.test(key)) {
    throw new ValidationFailed([{ field: HEADER, message: '1 to 128 visible ASCII characters', code: 'header' }]);
  }
  return { key, request: createHash('sha256').update(JSON.stringify(asked)).digest('base64url') };
}

/**
 * Takes a key for a message. A second caller waits for the first one's transaction and gets what
 * that has stored.
 * @returns null when the key is ours now
 */
export async function claimKey(
  tx: Tx,
  tenantId: string,
  { key, request }: SendKey,
  messageId: string,
): Promise<typeof claimColumns.$row | null> {
  const claimed = await tx`
    insert into message_keys (tenant_id, key, message_id, request) values (${tenantId}, ${key}, ${messageId}, ${request})
    on conflict do nothing returning 1`;
  if (claimed.length > 0) return null;
  const [first] = await tx<(typeof claimColumns.$row)[]>`
    select ${claimColumns(tx)} from message_keys where tenant_id = ${tenantId} and key = ${key}`;
  return first!;
}

/** Drops keys older than 30 days, at most 10,000. */
export async function pruneKeys(tx: Tx): Promise<void> {
  await tx`
    delete from message_keys where ctid in (
      select ctid from message_keys where created_at < now() - interval '30 days' limit 10000)`;
}
