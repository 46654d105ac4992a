import { setTimeout as pause } from 'node:timers/promises';
import { drizzle } from 'drizzle-orm/postgres-js';
import { migrate as runMigrations } from 'drizzle-orm/postgres-js/migrator';
import postgres from 'postgres';
import type { Sql } from './connect.ts';
import { quote, secureSchema } from './secure-schema.ts';
import { tuneStorage } from './storage.ts';

export interface MigrateOptions {
  /**
   * A role that may create schemas and roles; it owns the tables and no service ever logs in with
   * it.
   */
  adminUrl: string;
  /** `channel-connector` */
  service: string;
  /** `channel_connector` */
  schema: string;
  /** Made by `drizzle-kit generate`. */
  migrationsFolder: string;
  appPassword: string;
  workerPassword: string;
  /** Tables without tenant_id that the tenant-scoped role may use. */
  appTables?: readonly string[];
}

/** The two roles of a service: tenant-scoped and worker. */
export function rolesOf(schema: string): { app: string; worker: string } {
  return { app: `recado_${schema}_app`, worker: `recado_${schema}_worker` };
}

/** One lock for all services: they share the schema of drizzle's own tables. */
const MIGRATION_LOCK = 7_235_418_801;

/**
 * Updates one service's schema, roles and rights. It may run in parallel: runs wait for each other
 * on an advisory lock. Each migration is one transaction.
 * @throws the first failing statement's error
 */
export async function migrate(options: MigrateOptions): Promise<void> {
  const { schema, service } = options;
  const roles = rolesOf(schema);
  // One connection: the lock belongs to its session. drizzle() changes the client's parsers, so it
  // stays private here.
  const sql = postgres(options.adminUrl, { max: 1, onnotice: () => {}, connection: { application_name: 'migrate' } });
  const migrations = postgres(options.adminUrl, { max: 1, onnotice: () => {} });
  try {
    await sql`select pg_advisory_lock(${MIGRATION_LOCK})`;
    await runMigrations(drizzle(migrations), {
      migrationsFolder: options.migrationsFolder,
      migrationsSchema: 'drizzle',
      migrationsTable: service.replaceAll('-', '_'),
    });
    await sql.unsafe(`create schema if not exists ${quote(schema)}`);
    await ensureRole(sql, roles.app, options.appPassword, schema);
    await ensureRole(sql, roles.worker, options.workerPassword, schema);
    await secureSchema(sql, { schema, appRole: roles.app, workerRole: roles.worker, appTables: options.appTables });
    await tuneStorage(sql, schema);
  } finally {
    await Promise.all([sql.end({ timeout: 5 }), migrations.end({ timeout: 5 })]);
  }
}

/**
 * Roles belong to the whole server, and so does this search path. A setting `in database` would be
 * missing in a database that is cloned from a migrated template.
 */
async function ensureRole(sql: Sql, role: string, password: string, schema: string): Promise<void> {
  const name = quote(role);
  const attributes = `login nosuperuser nobypassrls nocreatedb nocreaterole password ${literal(password)}`;
  const [found] = await sql`select 1 from pg_roles where rolname = ${role}`;
  await retryConcurrent(() => sql.unsafe(`${found ? 'alter' : 'create'} role ${name} ${attributes}`));
  await retryConcurrent(() => sql.unsafe(`alter role ${name} set search_path = ${quote(schema)}`));
}

/**
 * Two databases of one server migrated at once change the same role: Postgres refuses the second
 * instead of waiting.
 */
async function retryConcurrent(statement: () => Promise<unknown>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await statement();
      return;
    } catch (error) {
      const message = error instanceof Error ? error.message : '';
      // The other run gave the role the same settings.
      if (/already exists|duplicate key/.test(message)) return;
      if (attempt === 20 || !message.includes('tuple concurrently updated')) throw error;
      await pause(25 * attempt);
    }
  }
}

function literal(text: string): string {
  if (text.includes('\\')) throw new Error('Passwords of database roles may not contain backslashes');
  return `'${text.replaceAll("'", "''")}'`;
}
