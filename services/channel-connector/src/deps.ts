import type { Database, TenantDirectory } from '@recado/database';
import type { Bus } from '@recado/messaging';
import type { Logger, Registry, Sealer } from '@recado/service-kit';
import type { ChannelCheck } from './channels/check.ts';
import type { Directory } from './channels/directory.ts';
import type { ChannelTotals } from './channels/totals.ts';
import type { Config } from './config.ts';
import type { GraphClient } from './meta/graph-client.ts';
import type { ConnectorMetrics } from './metrics.ts';

/** What the rooms work with. */
export interface Deps {
  config: Config;
  log: Logger;
  now: () => Date;
  /** Sees one tenant per transaction. */
  db: Database;
  /** Sees all. */
  worker: Database;
  bus: Bus;
  registry: Registry;
  metrics: ConnectorMetrics;
  sealer: Sealer;
  directory: Directory;
  /** Plan and time zone of tenants. */
  tenants: TenantDirectory;
  graph: GraphClient;
  totals: ChannelTotals;
  check: ChannelCheck;
}
