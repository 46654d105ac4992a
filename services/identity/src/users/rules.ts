import type { UserRow } from './store.ts';

/** What people may change of themselves without being asked for a permission. */
const PROFILE = new Set(['firstName', 'lastName', 'phone', 'avatarUrl']);

export const isProfileOnly = (input: object): boolean => Object.keys(input).every((key) => PROFILE.has(key));

/** What decides what a user may do. */
export type AccessState = Pick<UserRow, 'id' | 'role' | 'customRole' | 'status'>;

/**
 * Whether the user can do everything there is: an active admin whose role no tenant has narrowed.
 */
export const isFullAdmin = ({ role, customRole, status }: AccessState): boolean =>
  role === 'admin' && customRole === null && status === 'active';

export const changesRole = (before: AccessState, after: AccessState): boolean =>
  before.role !== after.role || before.customRole?.id !== after.customRole?.id;

/** Whether role or status change, or the user goes altogether (`after` null). */
export const changesAccess = (before: AccessState, after: AccessState | null): boolean =>
  after === null || before.status !== after.status || changesRole(before, after);

/** Whether the tenant would have one full admin less. */
export const losesAdmin = (before: AccessState, after: AccessState | null): boolean =>
  isFullAdmin(before) && !(after && isFullAdmin(after));
