import type { Sealer } from '@recado/service-kit';
import type postgres from 'postgres';

/** A column that holds texts sealed under RECADO_SECRETS_KEYS. */
interface SealedColumn {
  schema: string;
  table: string;
  column: string;
  /** The columns of the primary key, tenant first. */
  key: readonly string[];
  /** The column whose value is bound into the seal. */
  context: string;
  /** A keyed digest beside it: empty, its service makes it anew under the active key. */
  digest?: string;
}

const connector = { schema: 'channel_connector', key: ['tenant_id', 'id'], context: 'id' } as const;

/** Every sealed column of the mesh. A test looks for others. */
export const SEALED_COLUMNS: readonly SealedColumn[] = [
  { ...connector, table: 'channels', column: 'credentials', digest: 'verify_token_digest' },
  { ...connector, table: 'webhook_endpoints', column: 'secret' },
  { ...connector, table: 'webhook_endpoints', column: 'previous_secret' },
  {
    schema: 'identity',
    table: 'two_factors',
    column: 'sealed_secret',
    key: ['tenant_id', 'user_id'],
    context: 'user_id',
  },
  { schema: 'identity', table: 'email_proofs', column: 'sealed_token', key: ['tenant_id'], context: 'tenant_id' },
];

export const nameOf = ({ schema, table, column }: SealedColumn): string => `${schema}.${table}.${column}`;

/** How many texts each key has sealed. */
export async function countByKey(sql: postgres.Sql, one: SealedColumn): Promise<{ keyId: string; count: number }[]> {
  const { schema, table, column } = one;
  return sql<{ keyId: string; count: number }[]>`
    select split_part(${sql(column)}, '.', 2) as "keyId", count(*)::int as count from ${sql(`${schema}.${table}`)}
    where ${sql(column)} like 's1.%' group by 1 order by 1`;
}

export interface Resealed {
  resealed: number;
  /** Could not be opened: their key is not in the ring, or they were changed. */
  unreadable: { keyId: string; key: string[] }[];
}

const AT_ONCE = 500;

/**
 * Seals anew what is not under the active key, in pages. A row that was changed in between is left
 * to its writer, who used the active key.
 */
export async function resealColumn(sql: postgres.Sql, sealer: Sealer, one: SealedColumn): Promise<Resealed> {
  const { schema, table, column, key, context, digest } = one;
  const from = sql(`${schema}.${table}`);
  const mine = `s1.${sealer.activeKeyId}.`;
  const result: Resealed = { resealed: 0, unreadable: [] };
  let after: string[] | null = null;
  for (;;) {
    const place: postgres.Fragment = after
      ? sql`and (${sql([...key])}) > (${after[0]!}${after[1] ? sql`, ${after[1]}` : sql``})`
      : sql``;
    const rows: { sealed: string; context: string; place: string[] }[] = await sql`
      select ${sql(column)} as sealed, ${sql(context)}::text as context, array[${sql([...key])}]::text[] as place
      from ${from}
      where ${sql(column)} like 's1.%' and not starts_with(${sql(column)}, ${mine}) ${place}
      order by ${sql([...key])} limit ${AT_ONCE}`;
    for (const row of rows) {
      const sealed = rotate(sealer, row);
      if (sealed === null) {
        result.unreadable.push({ keyId: row.sealed.split('.')[1]!, key: row.place });
        continue;
      }
      const { count } = await sql`
        update ${from} set ${sql(column)} = ${sealed} ${digest ? sql`, ${sql(digest)} = null` : sql``}
        where ${sql(key[0]!)} = ${row.place[0]!} ${key[1] ? sql`and ${sql(key[1])} = ${row.place[1]!}` : sql``}
          and ${sql(column)} = ${row.sealed}`;
      result.resealed += count;
    }
    if (rows.length < AT_ONCE) return result;
    after = rows.at(-1)!.place;
  }
}

function rotate(sealer: Sealer, { sealed, context }: { sealed: string; context: string }): string | null {
  try {
    return sealer.rotate(sealed, context);
  } catch {
    return null;
  }
}
