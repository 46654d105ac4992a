import type { Sql } from './connect.ts';
import { quote } from './secure-schema.ts';

/**
 * Storage settings that drizzle cannot express (README, "Storage"). Rows of these tables are
 * updated soon after their insert, and an outbox with old statistics is scanned whole.
 */
const SETTINGS: Record<string, string> = {
  outbox:
    'fillfactor = 80, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 20000, ' +
    'autovacuum_vacuum_insert_scale_factor = 0.2, autovacuum_analyze_scale_factor = 0.05, ' +
    'autovacuum_analyze_threshold = 5000',
  outbox_keys: 'autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_insert_scale_factor = 0.2',
  inbox: 'autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_insert_scale_factor = 0.2',
  jobs: 'fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000',
  delivery_tries: 'fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000',
};

/** Applies the storage settings to those tables that the schema has and that differ. */
export async function tuneStorage(sql: Sql, schema: string): Promise<void> {
  const tables = await sql<{ name: string; options: string[] | null }[]>`
    select relname as name, reloptions as options from pg_class
    where relnamespace = to_regnamespace(${quote(schema)}) and relkind = 'r'
      and relname = any(${Object.keys(SETTINGS)})`;
  for (const { name, options } of tables) {
    const wanted = SETTINGS[name]!;
    const missing = wanted.split(', ').some((setting) => !options?.includes(setting.replace(' = ', '=')));
    if (missing) await sql.unsafe(`alter table ${quote(schema)}.${quote(name)} set (${wanted})`);
  }
}
