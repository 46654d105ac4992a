import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import type { CallKey } from '@recado/contracts';
import type { Database, Tx } from './connect.ts';
import type { CallKeyRow } from './tables.ts';
import { readTenant } from './tenant.ts';

/**
 * The key of a call was used for something else. Its code makes it 422 `idempotency_mismatch`
 * (service-kit's errors).
 */
export class CallKeyMismatch extends Error {
  override readonly name = 'CallKeyMismatch';
  readonly code = 'RECADO_CALL_KEY_MISMATCH';
  constructor() {
    super('The Idempotency-Key was used for another request');
  }
}

/**
 * Does the work once per key, in the caller's transaction. A repeated call gets the first one's
 * answer, and waits if that one has not committed. Without a key it just does the work.
 * @param work gives the answer as JSON shows it: times as texts
 * @throws CallKeyMismatch
 */
export async function once<T extends object>(
  tx: Tx,
  tenantId: string,
  call: CallKey | null | undefined,
  work: () => Promise<T>,
): Promise<T> {
  if (!call) return work();
  const id = idOf(call);
  const claimed = await tx`
    insert into call_keys (tenant_id, key, request) values (${tenantId}, ${id}, ${call.request})
    on conflict do nothing returning 1`;
  if (claimed.length === 0) {
    const [row] = await selectKept(tx, tenantId, id);
    return open<T>(call, row!);
  }
  const answer = await work();
  await tx`update call_keys set answer = ${seal(call, answer)} where tenant_id = ${tenantId} and key = ${id}`;
  return answer;
}

/**
 * The answer that a key has already, before costly work begins or limits are looked at; null when
 * it has none.
 * @throws CallKeyMismatch
 */
export async function findAnswer<T extends object>(
  db: Database,
  tenantId: string,
  call: CallKey | null | undefined,
): Promise<T | null> {
  if (!call) return null;
  const [[row]] = await readTenant(db, tenantId, (tx) => [selectKept(tx, tenantId, idOf(call))]);
  return row ? open<T>(call, row) : null;
}

type Kept = Pick<CallKeyRow, 'request'> & { answer: string };

const selectKept = (tx: Tx, tenantId: string, id: string) =>
  tx<Kept[]>`select request, answer from call_keys where tenant_id = ${tenantId} and key = ${id}`;

const digest = (...parts: string[]) => createHash('sha256').update(JSON.stringify(parts)).digest();
const idOf = ({ route, key }: CallKey) => digest('id', route, key).toString('base64url');
/** Only who shows the key again can open the answer: the table holds neither. */
const secretOf = ({ route, key }: CallKey) => digest('answer', route, key);

const ALGORITHM = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;

function seal(call: CallKey, answer: object): string {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(ALGORITHM, secretOf(call), iv);
  const sealed = Buffer.concat([cipher.update(JSON.stringify(answer), 'utf8'), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64');
}

function open<T>(call: CallKey, { request, answer }: Kept): T {
  if (request !== call.request) throw new CallKeyMismatch();
  const bytes = Buffer.from(answer, 'base64');
  const decipher = createDecipheriv(ALGORITHM, secretOf(call), bytes.subarray(0, IV_BYTES));
  decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
  const text = Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]);
  return JSON.parse(text.toString('utf8')) as T;
}
