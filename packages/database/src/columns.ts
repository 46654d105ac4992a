import type { Table } from 'drizzle-orm';
import { getTableColumns } from 'drizzle-orm/utils';
import type postgres from 'postgres';

/** Columns of a table as a part of a statement: `select ${columns(tx)} from …`. */
export interface Columns<Row> {
  (sql: Pick<postgres.ISql, 'unsafe'>): postgres.Fragment;
  /** Only a type, like drizzle's `$inferSelect`: what one row of these columns is. */
  readonly $row: Row;
}

type Row<T extends Table> = T['$inferSelect'];

interface ColumnOptions<Only, Except> {
  /** These alone; all unless said. */
  only?: readonly Only[];
  /** All but these. Leave secrets out by `only`: a new column must be named before it is read. */
  except?: readonly Except[];
  /** The table's name in the statement. Needed where another table has a column of that name. */
  alias?: string;
}

/**
 * Types that the driver reads differently than drizzle says: it gives `bigint` and `numeric` as
 * text and `date` as a Date in the process's time zone.
 */
const CASTS: Record<string, string> = { PgBigInt53: '::float8', PgNumericNumber: '::float8', PgDateString: '::text' };

/**
 * `c."tenant_id" as "tenantId", …`, made once, when a store is loaded:
 * `const contactColumns = columns(contacts); type ContactRow = typeof contactColumns.$row;`
 */
export function columns<T extends Table, Only extends keyof Row<T> = keyof Row<T>, Except extends keyof Row<T> = never>(
  table: T,
  { only, except, alias }: ColumnOptions<Only, Except> = {},
): Columns<Pick<Row<T>, Exclude<Only, Except>>> {
  const all = getTableColumns(table);
  const keys = (only ?? Object.keys(all)) as string[];
  const left = new Set<PropertyKey>(except);
  const text = keys
    .filter((key) => !left.has(key))
    .map((key) => {
      const { name, columnType } = all[key]!;
      const column = `${alias ? `${alias}.` : ''}"${name}"`;
      return name === key && !CASTS[columnType] ? column : `${column}${CASTS[columnType] ?? ''} as "${key}"`;
    })
    .join(', ');
  return ((sql) => sql.unsafe(text)) as Columns<Pick<Row<T>, Exclude<Only, Except>>>;
}
