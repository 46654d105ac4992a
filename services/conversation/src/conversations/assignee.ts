import { NotFound } from '@recado/service-kit';
import type { Deps } from '../deps.ts';

/**
 * Whether a user may be given work.
 * @throws NotFound `user` for one that the tenant does not have, or that is not active
 */
export async function checkAssignable({ users }: Pick<Deps, 'users'>, tenantId: string, userId: string): Promise<void> {
  const { status } = await users.get(tenantId, userId);
  if (status !== 'active') throw new NotFound('user', userId);
}
