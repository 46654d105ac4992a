import type { TenantDirectory, UserDirectory } from '@recado/database';
import type { FairSemaphore } from '@recado/loops';
import type { BaseDeps } from '@recado/service';
import type { KnownAgent } from './agents/store.ts';
import type { Channels } from './channels.ts';
import type { Config } from './config.ts';
import type { Metrics } from './metrics.ts';
import type { Names } from './names.ts';

export interface Deps extends BaseDeps<Config> {
  channels: Channels;
  /** Plan and time zone of tenants. */
  tenants: TenantDirectory;
  /** Users, for what names one: an assignee, the person of a task. */
  users: UserDirectory;
  /** What a user may do, for what is done in their name later. */
  askPermissions(tenantId: string, userId: string): Promise<readonly string[]>;
  /** The same of an API key. @throws NotFound `api_key` of one that counts no more */
  askKeyPermissions(tenantId: string, apiKeyId: string): Promise<readonly string[]>;
  /** What people and companies are called, for texts that say it. */
  names: Names;
  /** What identity knows of agents now; unknown users are absent. */
  askAgents(tenantId: string, userIds: readonly string[]): Promise<Map<string, KnownAgent>>;
  /** Places of sends in the database, shared by tenants. */
  sends: FairSemaphore;
  /** Places of searches in messages, shared by tenants. */
  searches: FairSemaphore;
  /** Places of files that are read, shared by tenants. */
  uploads: FairSemaphore;
  metrics: Metrics;
}
