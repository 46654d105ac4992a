export { consume } from './consume.ts';
export {
  type BaseConfig,
  type BaseDeps,
  defineService,
  type RunningService,
  type ServiceDefinition,
  type ServiceOptions,
} from './define-service.ts';
export { followTenants } from './follow-tenants.ts';
export { followUsers, type UserEvent } from './follow-users.ts';
