import type { ApiKey, Tenant } from '@recado/contracts';
import { columns, type Tx } from '@recado/database';
import type { Slice } from '@recado/service-kit';
import { apiKeys } from '../schema.ts';
import type { NewKey } from './key.ts';

const keyColumns = columns(apiKeys, {
  alias: 'k',
  only: [
    'id',
    'name',
    'prefix',
    'permissions',
    'expiresAt',
    'lastUsedAt',
    'lastUsedIp',
    'createdBy',
    'createdAt',
    'revokedAt',
  ],
});
export type ApiKeyRow = typeof keyColumns.$row;

export async function insertApiKey(
  tx: Tx,
  tenantId: string,
  given: Pick<ApiKeyRow, 'id' | 'name' | 'createdBy'> & {
    key: NewKey;
    permissions: string[];
    expiresAt: string | null;
  },
): Promise<ApiKeyRow> {
  const { id, name, key, permissions, createdBy, expiresAt } = given;
  const [row] = await tx<ApiKeyRow[]>`
    insert into api_keys as k (tenant_id, id, name, key_hash, prefix, permissions, created_by, expires_at)
    values (${tenantId}, ${id}, ${name}, ${key.hash}, ${key.prefix}, ${permissions}::text[], ${createdBy}, ${expiresAt})
    returning ${keyColumns(tx)}`;
  return row!;
}

/** Keys that work now. */
export const countLiveKeys = (tx: Tx, tenantId: string) => tx<{ count: number }[]>`
  select count(*)::int as count from api_keys
  where tenant_id = ${tenantId} and revoked_at is null and (expires_at is null or expires_at > now())`;

export const selectApiKey = (tx: Tx, tenantId: string, id: string) =>
  tx<ApiKeyRow[]>`select ${keyColumns(tx)} from api_keys k where tenant_id = ${tenantId} and id = ${id}`;

export const selectApiKeys = (
  tx: Tx,
  tenantId: string,
  revoked: boolean | null,
  { after, limit, offset }: Slice<{ at: string; id: string }>,
) =>
  tx<ApiKeyRow[]>`
    select ${keyColumns(tx)} from api_keys k where ${matching(tx, tenantId, revoked)}
      ${after ? tx`and (created_at, id) < (${after.at}::timestamptz, ${after.id}::uuid)` : tx``}
    order by created_at desc, id desc limit ${limit} offset ${offset}`;

export const countApiKeys = (tx: Tx, tenantId: string, revoked: boolean | null) =>
  tx<{ count: number }[]>`select count(*)::int as count from api_keys where ${matching(tx, tenantId, revoked)}`;

const matching = (tx: Tx, tenantId: string, revoked: boolean | null) =>
  tx`tenant_id = ${tenantId} ${revoked === null ? tx`` : tx`and (revoked_at is not null) = ${revoked}`}`;

/** Ends a key. Null when there is none, or it was over already. */
export async function markRevoked(tx: Tx, tenantId: string, id: string): Promise<ApiKeyRow | null> {
  const [row] = await tx<ApiKeyRow[]>`
    update api_keys k set revoked_at = now() where tenant_id = ${tenantId} and id = ${id} and revoked_at is null
    returning ${keyColumns(tx)}`;
  return row ?? null;
}

const presentedColumns = columns(apiKeys, { alias: 'k', only: ['id', 'permissions', 'expiresAt'] });
export type PresentedKey = typeof presentedColumns.$row & {
  live: boolean;
  tenantStatus: Tenant['status'];
  /** Whether its use should be noted: once a minute is enough. */
  noteUse: boolean;
};

export async function findByHash(tx: Tx, tenantId: string, hash: Buffer): Promise<PresentedKey | null> {
  const [row] = await tx<PresentedKey[]>`
    select ${presentedColumns(tx)}, t.status as "tenantStatus",
           k.revoked_at is null and (k.expires_at is null or k.expires_at > now()) as live,
           k.last_used_at is null or k.last_used_at <= now() - interval '1 minute' as "noteUse"
    from api_keys k join tenants t using (tenant_id)
    where k.tenant_id = ${tenantId} and k.key_hash = ${hash}`;
  return row ?? null;
}

/** One row when the key counts, and its tenant is active. */
export const findLiveKey = (tx: Tx, tenantId: string, id: string) => tx`
  select k.id from api_keys k join tenants t using (tenant_id)
  where k.tenant_id = ${tenantId} and k.id = ${id} and k.revoked_at is null
    and (k.expires_at is null or k.expires_at > now()) and t.status = 'active'`;

/** Of many at once one writes: the others find it done. */
export const noteUse = (tx: Tx, tenantId: string, id: string, ip: string | null) => tx`
  update api_keys set last_used_at = now(), last_used_ip = coalesce(${ip}, last_used_ip)
  where tenant_id = ${tenantId} and id = ${id}
    and (last_used_at is null or last_used_at <= now() - interval '1 minute')`;

/** The key as the internal API shows it; never the key itself. */
export function apiKeyView(row: ApiKeyRow): ApiKey {
  const iso = (time: Date | null) => time?.toISOString() ?? null;
  return {
    ...row,
    expiresAt: iso(row.expiresAt),
    lastUsedAt: iso(row.lastUsedAt),
    createdAt: row.createdAt.toISOString(),
    revokedAt: iso(row.revokedAt),
  };
}
