import type { conversationApi } from '@recado/contracts';
import type { Database, TenantDirectory } from '@recado/database';
import type { Client, Logger, Turns } from '@recado/service-kit';
import type { Config } from './config.ts';
import type { Policies } from './configs/policies.ts';
import type { Metrics } from './metrics.ts';
import type { Model } from './model/client.ts';

export interface Deps {
  config: Config;
  log: Logger;
  metrics: Metrics;
  /** Tenant-scoped role: requests. */
  db: Database;
  /** Worker role: consumers and the reply worker. */
  workerDb: Database;
  tenants: TenantDirectory;
  policies: Policies;
  model: Model;
  /** Trials under way: a line for each tenant, and one for all. */
  trials: { byTenant: Turns; all: Turns };
  conversation: Client<typeof conversationApi>;
  now: () => Date;
}
