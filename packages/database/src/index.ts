export { CallKeyMismatch, findAnswer, once } from './call-keys.ts';
export { type Columns, columns } from './columns.ts';
export {
  type ConnectOptions,
  connect,
  type Database,
  type Pool,
  type Sql,
  type Tx,
  WORK_STATEMENT_MS,
} from './connect.ts';
export { errorCode, isConnectionError, isUniqueViolation, PoolBusy } from './errors.ts';
export { KINDS, type Kind } from './kinds.ts';
export {
  createTenantDirectory,
  type KnownTenant,
  lockTenant,
  saveTenants,
  type TenantDirectory,
  type TenantPlan,
} from './known-tenants.ts';
export { createUserDirectory, type LearnedUser, saveUsers, type UserDirectory } from './known-users.ts';
export { latestOf } from './latest.ts';
export { type MigrateOptions, migrate, rolesOf } from './migrate.ts';
export { migrateAll, type RolePasswords, roleUrl, SERVICE_SCHEMAS, type StatefulService } from './migrate-all.ts';
export { foldText, holdsText } from './search.ts';
export { type SecureOptions, secureSchema } from './secure-schema.ts';
export { readTenant, withTenant, withWorker } from './tenant.ts';
