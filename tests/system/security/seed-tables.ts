import { randomBytes, randomUUID } from 'node:crypto';
import type { Sql } from '@recado/database';
import type postgres from 'postgres';
import type { Table } from './catalogue.ts';

interface Column {
  name: string;
  type: string;
  /** First label of an enum. */
  label: string | null;
}

/** Columns that an insert must give. */
async function neededColumns(sql: Sql, { schema, name }: Table): Promise<Column[]> {
  return sql<Column[]>`
    select a.attname as name, format_type(a.atttypid, null) as type,
           (select e.enumlabel from pg_enum e where e.enumtypid = a.atttypid order by e.enumsortorder limit 1) as label
    from pg_attribute a
    where a.attrelid = format('%I.%I', ${schema}::text, ${name}::text)::regclass and a.attnum > 0
      and not a.attisdropped and a.attgenerated = '' and a.attidentity = ''
      and (a.attname = 'tenant_id' or (a.attnotnull and not a.atthasdef))
    order by a.attnum`;
}

function sampleOf({ type, label }: Column): string {
  if (label !== null) return label;
  if (type.endsWith('[]')) return '{}';
  if (type === 'uuid') return randomUUID();
  if (/^(text|character varying|character)/.test(type)) return randomBytes(6).toString('hex');
  if (/^(integer|bigint|smallint|numeric|real|double precision)/.test(type))
    return String(randomBytes(2).readUInt16BE());
  if (type === 'boolean') return 'true';
  if (/^timestamp/.test(type)) return '2026-11-21T09:00:00Z';
  if (type === 'date') return '2026-11-21';
  if (/^time/.test(type)) return '09:00';
  if (type === 'interval') return '1 hour';
  if (type === 'jsonb' || type === 'json') return '{}';
  if (type === 'bytea') return `\\x${randomBytes(6).toString('hex')}`;
  if (type === 'inet') return '192.0.2.1';
  if (type === 'tsvector') return 'word';
  throw new Error(`No value is known for the type ${type}: add one to seed-tables.ts`);
}

/** An insert of one made-up row of a tenant; nothing in it but what the table demands. */
export async function insertOf(
  sql: Sql,
  table: Table,
  tenantId: string,
): Promise<(on: Sql | postgres.TransactionSql) => Promise<unknown>> {
  const columns = await neededColumns(sql, table);
  const values = columns.map((column) => (column.name === 'tenant_id' ? tenantId : sampleOf(column)));
  const names = columns.map(({ name }) => `"${name}"`).join(', ');
  const places = columns.map(({ type }, i) => `$${i + 1}::text::${type}`).join(', ');
  const text = `insert into "${table.schema}"."${table.name}" (${names}) values (${places})`;
  return (on) => on.unsafe(text, values);
}

/**
 * One row of each tenant in every table with `tenant_id`. Written as the tables' owner, past row
 * level security, foreign keys and checks.
 */
export async function seedTables(admin: Sql, tables: readonly Table[], tenants: readonly string[]): Promise<void> {
  for (const table of tables) {
    const checks = await admin<{ name: string }[]>`
      select conname as name from pg_constraint
      where conrelid = format('%I.%I', ${table.schema}::text, ${table.name}::text)::regclass and contype = 'c'`;
    for (const { name } of checks) {
      await admin.unsafe(`alter table "${table.schema}"."${table.name}" drop constraint "${name}"`);
    }
    for (const tenantId of tenants) {
      const insert = await insertOf(admin, table, tenantId);
      await admin.begin(async (tx) => {
        await tx`set local session_replication_role = replica`;
        await insert(tx);
      });
    }
  }
}
