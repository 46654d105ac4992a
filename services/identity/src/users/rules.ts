import { type Caller, Conflict, Forbidden } from '@recado/service-kit';
import { requireWithin, rightsOf } from '../roles/rules.ts';
import type { UserRow } from './store.ts';

/** What people may change of themselves without being asked for a permission. */
const PROFILE = new Set(['firstName', 'lastName', 'phone', 'avatarUrl']);

export const isProfileOnly = (input: object): boolean => Object.keys(input).every((key) => PROFILE.has(key));

type Standing = Pick<UserRow, 'id' | 'role' | 'customRole' | 'status'>;

/** Whether the user can do everything there is: an active admin whose role no tenant has narrowed. */
export const isFullAdmin = ({ role, customRole, status }: Omit<Standing, 'id'>): boolean =>
  role === 'admin' && customRole === null && status === 'active';

export const changesRole = (before: Standing, after: Standing): boolean =>
  before.role !== after.role || before.customRole?.id !== after.customRole?.id;

/**
 * Whether a caller may make this of a user. `after` is null for a removal.
 * @param otherAdmins how many other full admins the tenant has; asked only when this one may stop being one
 * @param takesOver e-mail or password change: whoever does that can log in as the user
 * @throws Conflict `last_admin`, Forbidden for one's own role or status and for rights beyond the caller's
 */
export async function checkChange(
  caller: Caller,
  before: Standing,
  after: Standing | null,
  otherAdmins: () => Promise<number>,
  takesOver = false,
): Promise<void> {
  const role = after !== null && changesRole(before, after);
  const standing = after === null || role || before.status !== after.status;
  if (standing && isFullAdmin(before) && !(after && isFullAdmin(after)) && (await otherAdmins()) === 0) {
    throw new Conflict('The last active admin stays one', 'last_admin');
  }
  if (standing && caller.userId === before.id) throw new Forbidden('Nobody changes their own role or status');
  if (standing || takesOver) requireWithin(caller, rightsOf(before));
  if (role) requireWithin(caller, rightsOf(after));
}
