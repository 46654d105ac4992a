import { columns, type Sql, type Tx } from '@recado/database';
import { channels } from '../../schema.ts';

/** Whether any tenant's channel at the provider has this verify token. Worker role. */
export async function hasVerifyToken(sql: Sql, provider: string, digests: string[]): Promise<boolean> {
  const [found] = await sql`
    select from channels where verify_token_digest = any(${digests}) and provider = ${provider} limit 1`;
  return found !== undefined;
}

/** For those that look a channel up by something else than its tenant. */
export const sealedColumns = columns(channels, { only: ['tenantId', 'id', 'provider', 'credentials'] });

/** What a change of a channel's credentials starts from. */
export function selectSealed(tx: Tx, tenantId: string, id: string) {
  return tx<(typeof sealedColumns.$row & { providerId: string | null })[]>`
    select ${sealedColumns(tx)}, coalesce(provider_id, claimed_provider_id) as "providerId" from channels
    where tenant_id = ${tenantId} and id = ${id} and removed_at is null`;
}

/** Channels made before digests were kept. Worker role. */
export function selectWithoutDigest(sql: Sql, limit: number) {
  return sql<(typeof sealedColumns.$row)[]>`
    select ${sealedColumns(sql)} from channels
    where verify_token_digest is null limit ${limit}`;
}

/** Only beside the credentials it was made of. Worker role. */
export async function saveDigest(
  sql: Sql,
  row: Pick<typeof sealedColumns.$row, 'tenantId' | 'id' | 'credentials'>,
  digest: string,
) {
  await sql`
    update channels set verify_token_digest = ${digest}
    where tenant_id = ${row.tenantId} and id = ${row.id} and credentials = ${row.credentials}`;
}
