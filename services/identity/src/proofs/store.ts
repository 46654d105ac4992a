import { columns, type Database, type Tx, withWorker } from '@recado/database';
import { emailProofs } from '../schema.ts';

/** Wrong codes after which only a new mail helps. */
export const MAX_WRONG_CODES = 10;

/** The sealed token is null once it has proved the e-mail. */
const proofColumns = columns(emailProofs, { only: ['userId', 'tokenHash', 'sealedToken', 'wrongCodes'] });
export type EmailProof = typeof proofColumns.$row;

/** A new secret in place of the last one, whose mail is useless from now on. */
export const putProof = (tx: Tx, tenantId: string, userId: string, tokenHash: Buffer, sealedToken: string) => tx`
  insert into email_proofs (tenant_id, user_id, token_hash, sealed_token)
  values (${tenantId}, ${userId}, ${tokenHash}, ${sealedToken})
  on conflict (tenant_id) do update
    set token_hash = excluded.token_hash, sealed_token = excluded.sealed_token, wrong_codes = 0, created_at = now()`;

/** Locked until the transaction ends: codes are counted one at a time. */
export async function lockProof(tx: Tx, tenantId: string): Promise<EmailProof | null> {
  const [row] = await tx<EmailProof[]>`
    select ${proofColumns(tx)} from email_proofs where tenant_id = ${tenantId} for update`;
  return row ?? null;
}

export const countWrongCode = (tx: Tx, tenantId: string) => tx`
  update email_proofs set wrong_codes = wrong_codes + 1 where tenant_id = ${tenantId}`;

/**
 * Gives the user the address that it claims, and opens the tenant.
 * @throws a unique violation of `users_email_key` when another user has the address
 */
export async function markProved(tx: Tx, tenantId: string, userId: string): Promise<void> {
  await tx`
    update users set email = claimed_email, claimed_email = null, updated_at = now()
    where tenant_id = ${tenantId} and id = ${userId} and claimed_email is not null`;
  await tx`update tenants set unproved_until = null, updated_at = now() where tenant_id = ${tenantId}`;
  await tx`update email_proofs set sealed_token = null where tenant_id = ${tenantId}`;
}

/**
 * Ends the other registrations of an address that has been proved. Worker role: they are other
 * tenants'.
 */
export const endClaims = (workerDb: Database, email: string) =>
  withWorker(
    workerDb,
    (tx) => tx`
      update tenants set unproved_until = now()
      where unproved_until > now() and tenant_id in (select tenant_id from users where claimed_email = ${email})`,
  );

/** Some tenants whose time to prove the e-mail is over. Worker role. */
export async function listExpired(workerDb: Database, limit: number): Promise<string[]> {
  const rows = await workerDb.sql<{ tenantId: string }[]>`
    select tenant_id as "tenantId" from tenants where unproved_until <= now() order by unproved_until limit ${limit}`;
  return rows.map(({ tenantId }) => tenantId);
}
