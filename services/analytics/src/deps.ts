import type { Database } from '@recado/database';
import type { Bus } from '@recado/messaging';
import type { Logger, Registry } from '@recado/service-kit';
import type { Config } from './config.ts';

export interface Deps {
  config: Config;
  log: Logger;
  registry: Registry;
  /** Tenant-scoped role: requests. */
  db: Database;
  /** Worker role: consumers. */
  workerDb: Database;
  bus: Bus;
  now: () => Date;
}
