import { identityApi } from '@recado/contracts';
import { withTenant } from '@recado/database';
import { serve } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import type { Deps } from '../deps.ts';

/**
 * The database figures of bots.md's system page. Numbers of the installation only: no tenant's rows
 * are read.
 */
export function systemRoutes(app: FastifyInstance, { db }: Deps): void {
  serve(app, identityApi.getStorage, async ({ caller }) => {
    return withTenant(db, caller.tenantId, async (tx) => {
      // Partitions count as the one table they are of.
      const [row] = await tx<{ tables: number; connections: number }[]>`
        select
          (select count(*)::int from pg_class c join pg_namespace n on n.oid = c.relnamespace
           where c.relkind in ('r', 'p') and not c.relispartition
             and n.nspname not in ('pg_catalog', 'information_schema')) as tables,
          (select count(*)::int from pg_stat_activity where datname = current_database()) as connections`;
      return row!;
    });
  });
}
