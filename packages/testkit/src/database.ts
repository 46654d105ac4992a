import { randomBytes } from 'node:crypto';
import postgres from 'postgres';
import { inject } from 'vitest';
import type {} from './context.ts';
import { roleUrl, type StatefulService } from './servers/migrate-all.ts';

export interface TestDatabase {
  name: string;
  /** As the role that owns the schemas: for looking at what a test left, past RLS. */
  adminUrl: string;
  /** As the service's role for requests, which sees one tenant per transaction. */
  appUrl(service: StatefulService): string;
  /** As the service's role for consumers and relay. */
  workerUrl(service: StatefulService): string;
  /** Removes it, with any connection still open. */
  drop(): Promise<void>;
}

/**
 * A fresh database with every service's schema: a copy of the template the global setup made. One
 * for each test file.
 * @param label part of its name, to recognise it in pg_stat_activity.
 */
export async function testDatabase(label = 'test'): Promise<TestDatabase> {
  const { postgresUrl, template, passwords } = inject('recado');
  const name = `${template}_${label.replaceAll(/\W/g, '_').slice(0, 20)}_${randomBytes(4).toString('hex')}`;
  const withAdmin = async (work: (sql: postgres.Sql) => Promise<void>) => {
    const sql = postgres(postgresUrl, { max: 1, onnotice: () => undefined });
    try {
      await work(sql);
    } finally {
      await sql.end();
    }
  };
  await withAdmin(async (sql) => {
    // Copies files: the pages of a template in use need not go through the log one by one.
    await sql`create database ${sql(name)} template ${sql(template)} strategy file_copy`;
  });
  const url = new URL(postgresUrl);
  url.pathname = `/${name}`;
  return {
    name,
    adminUrl: url.href,
    appUrl: (service) => roleUrl(url.href, service, 'app', passwords),
    workerUrl: (service) => roleUrl(url.href, service, 'worker', passwords),
    drop: () =>
      withAdmin(async (sql) => {
        await sql`drop database if exists ${sql(name)} with (force)`;
      }),
  };
}
