import type { Edition } from '@recado/contracts';
import type { Tx } from '@recado/database';
import { hashOpaqueToken, newOpaqueToken } from '../tokens/opaque-token.ts';

/** Seconds between the password and the code. */
const CHALLENGE_SECONDS = 5 * 60;
/**
 * Codes that one challenge takes; the factor itself is locked before, unless the tries are spread
 * over time or repeat a used code.
 */
export const CHALLENGE_TRIES = 10;
/** Challenges of one user at once; an older one dies when another is opened. */
const OPEN_AT_ONCE = 10;

/** Remembers a right password. The token is shown with the code; only its hash is stored. */
export async function openChallenge(tx: Tx, tenantId: string, userId: string, edition: Edition): Promise<string> {
  const token = newOpaqueToken(tenantId);
  await tx`
    insert into login_challenges (tenant_id, token_hash, user_id, edition, expires_at)
    values (${tenantId}, ${hashOpaqueToken(token)}, ${userId}, ${edition}, now() + ${CHALLENGE_SECONDS} * interval '1 second')`;
  await tx`
    delete from login_challenges c
    where tenant_id = ${tenantId} and user_id = ${userId}
      and (expires_at <= now() or tries >= ${CHALLENGE_TRIES} or token_hash in (
        select token_hash from login_challenges
        where tenant_id = ${tenantId} and user_id = ${userId} order by created_at desc, token_hash offset ${OPEN_AT_ONCE}))`;
  return token;
}

/** The user of a challenge's token. Null when there is none, it is over, or another edition's. */
export async function findChallenge(
  tx: Tx,
  tenantId: string,
  hash: Buffer,
  edition: Edition,
): Promise<{ userId: string } | null> {
  const [row] = await tx<{ userId: string }[]>`
    select user_id as "userId" from login_challenges
    where tenant_id = ${tenantId} and token_hash = ${hash} and edition = ${edition}
      and expires_at > now() and tries < ${CHALLENGE_TRIES}`;
  return row ?? null;
}

/** Counts one try of a challenge. False when it is over: already answered, or tried too often. */
export async function countTry(tx: Tx, tenantId: string, hash: Buffer): Promise<boolean> {
  const counted = await tx`
    update login_challenges set tries = tries + 1
    where tenant_id = ${tenantId} and token_hash = ${hash} and tries < ${CHALLENGE_TRIES}
    returning 1`;
  return counted.length > 0;
}

/** An answered challenge is gone. */
export const closeChallenge = (tx: Tx, tenantId: string, hash: Buffer) =>
  tx`delete from login_challenges where tenant_id = ${tenantId} and token_hash = ${hash}`;
