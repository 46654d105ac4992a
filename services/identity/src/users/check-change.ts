import { type Caller, Conflict, Forbidden } from '@recado/service-kit';
import { requireWithin } from '../roles/require-within.ts';
import { rightsOf } from '../roles/rules.ts';
import { type AccessState, changesAccess, changesRole, losesAdmin } from './rules.ts';

export interface Asked {
  /** How many other full admins the tenant has; asked only when this one may stop being one. */
  otherAdmins: () => Promise<number>;
  /** E-mail or password change: after it, the caller can log in as the user. */
  takesOver?: boolean;
}

/**
 * Whether a caller may make this change. `after` is null for a removal.
 * @throws Conflict `last_admin`
 * @throws Forbidden for one's own role or status, and for rights beyond the caller's
 */
export async function checkChange(
  caller: Caller,
  before: AccessState,
  after: AccessState | null,
  { otherAdmins, takesOver = false }: Asked,
): Promise<void> {
  const changed = changesAccess(before, after);
  if (losesAdmin(before, after) && (await otherAdmins()) === 0) {
    throw new Conflict('The last active admin stays one', 'last_admin');
  }
  if (changed && caller.userId === before.id) throw new Forbidden('Nobody changes their own role or status');
  if (changed || takesOver) requireWithin(caller, rightsOf(before));
  if (after && changesRole(before, after)) requireWithin(caller, rightsOf(after));
}
