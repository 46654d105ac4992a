import type { getThread } from '@recado/contracts';
import type { TenantDirectory } from '@recado/database';
import type { BaseDeps } from '@recado/service';
import type { Client, KeyedSemaphore } from '@recado/service-kit';
import type { Config } from './config.ts';
import type { Policies } from './configs/policies.ts';
import type { Metrics } from './metrics.ts';
import type { Model } from './model/client.ts';
import type { Writing } from './replies/writing.ts';

/** What working on a reply needs. */
export interface ReplyDeps extends BaseDeps<Config> {
  metrics: Metrics;
  tenants: TenantDirectory;
  policies: Policies;
  model: Model;
  writing: Writing;
  conversation: Client<{ getThread: typeof getThread }>;
}

export interface Deps extends ReplyDeps {
  /** Trials under way: a line for each tenant, and one for all. */
  trials: { byTenant: KeyedSemaphore; all: KeyedSemaphore };
}
