import type { Database, TenantDirectory } from '@recado/database';
import type { FairTurns, Logger } from '@recado/service-kit';
import type { Channels } from './channels.ts';
import type { Config } from './config.ts';
import type { Metrics } from './metrics.ts';

export interface Deps {
  config: Config;
  log: Logger;
  /** Tenant-scoped role: requests. */
  db: Database;
  /** Worker role: consumers. */
  workerDb: Database;
  channels: Channels;
  /** Plan and time zone of tenants. */
  tenants: TenantDirectory;
  /** Places of sends in the database, shared by tenants. */
  sends: FairTurns;
  metrics: Metrics;
  now: () => Date;
}
