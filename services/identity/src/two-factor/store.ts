import { columns, type Tx } from '@recado/database';
import { twoFactors, users } from '../schema.ts';

/** Wrong codes in the window that lock the factor, and for how long: both 15 minutes. */
export const WRONG_CODES = 5;
const WINDOW = '15 minutes';
export const LOCK_SECONDS = 15 * 60;

const accountColumns = columns(users, { only: ['passwordHash', 'status'] });
export type Account = typeof accountColumns.$row & {
  email: string;
  /** Whether log-ins ask for a second factor. */
  twoFactor: boolean;
};

/**
 * The user's row, locked until the transaction ends; null when there is no such user. Changes of
 * passwords, second factors and all sessions take it first, so they run one by one.
 */
export async function lockAccount(tx: Tx, tenantId: string, userId: string): Promise<Account | null> {
  const [row] = await tx<Account[]>`
    select ${accountColumns(tx)}, coalesce(claimed_email, email) as email, two_factor_at is not null as "twoFactor"
    from users where tenant_id = ${tenantId} and id = ${userId} and deleted_at is null
    for no key update`;
  return row ?? null;
}

const factorColumns = columns(twoFactors, { only: ['sealedSecret', 'lastStep'] });
export type Factor = typeof factorColumns.$row & {
  /** Seconds until codes are looked at again; 0 when they are. */
  lockedSeconds: number;
};

export async function findFactor(tx: Tx, tenantId: string, userId: string): Promise<Factor | null> {
  const [row] = await tx<Factor[]>`
    select ${factorColumns(tx)},
           greatest(extract(epoch from locked_until - clock_timestamp()), 0)::float8 as "lockedSeconds"
    from two_factors where tenant_id = ${tenantId} and user_id = ${userId}`;
  return row ?? null;
}

/** A new pending secret in the place of the one before. What was noted of wrong codes stays. */
export const putFactor = (tx: Tx, tenantId: string, userId: string, sealedSecret: string) => tx`
  insert into two_factors (tenant_id, user_id, sealed_secret) values (${tenantId}, ${userId}, ${sealedSecret})
  on conflict (tenant_id, user_id) do update set sealed_secret = excluded.sealed_secret, last_step = 0, created_at = now()`;

/** Exactly these backup codes. */
export async function putBackupCodes(tx: Tx, tenantId: string, userId: string, hashes: Buffer[]): Promise<void> {
  await tx`delete from backup_codes where tenant_id = ${tenantId} and user_id = ${userId}`;
  const rows = hashes.map((hash) => ({ tenant_id: tenantId, user_id: userId, code_hash: hash }));
  await tx`insert into backup_codes ${tx(rows)}`;
}

export const markStep = (tx: Tx, tenantId: string, userId: string, step: number, sealedSecret: string) => tx`
  update two_factors set last_step = ${step}, sealed_secret = ${sealedSecret}
  where tenant_id = ${tenantId} and user_id = ${userId}`;

/** Uses a backup code up. Whether there was one. */
export async function useBackupCode(tx: Tx, tenantId: string, userId: string, hash: Buffer): Promise<boolean> {
  const used = await tx`
    delete from backup_codes where tenant_id = ${tenantId} and user_id = ${userId} and code_hash = ${hash}
    returning 1`;
  return used.length > 0;
}

/** Notes a wrong code. Seconds the factor is locked for from now on; 0 when it isn't. */
export async function noteWrongCode(tx: Tx, tenantId: string, userId: string): Promise<number> {
  const [row] = await tx<{ lockedSeconds: number }[]>`
    with recent as (
      select array(select t.seen from two_factors f, unnest(f.wrong_at) as t (seen)
                   where f.tenant_id = ${tenantId} and f.user_id = ${userId}
                     and t.seen > clock_timestamp() - ${WINDOW}::interval) || clock_timestamp() as times)
    update two_factors
    set wrong_at = case when cardinality(times) < ${WRONG_CODES} then times else '{}' end,
        locked_until = case when cardinality(times) < ${WRONG_CODES} then null
                            else clock_timestamp() + ${LOCK_SECONDS} * interval '1 second' end
    from recent
    where tenant_id = ${tenantId} and user_id = ${userId}
    returning case when locked_until is null then 0 else ${LOCK_SECONDS} end::float8 as "lockedSeconds"`;
  return row?.lockedSeconds ?? 0;
}

export const switchOn = (tx: Tx, tenantId: string, userId: string) => tx`
  update users set two_factor_at = now(), updated_at = now() where tenant_id = ${tenantId} and id = ${userId}`;

/** Secret and backup codes are gone with it; log-ins that wait for a code too. */
export async function switchOff(tx: Tx, tenantId: string, userId: string): Promise<void> {
  await tx`update users set two_factor_at = null, updated_at = now() where tenant_id = ${tenantId} and id = ${userId}`;
  await tx`delete from two_factors where tenant_id = ${tenantId} and user_id = ${userId}`;
  await tx`delete from login_challenges where tenant_id = ${tenantId} and user_id = ${userId}`;
}
