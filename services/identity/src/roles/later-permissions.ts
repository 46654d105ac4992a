import { LATER_PERMISSIONS } from '@recado/contracts';
import { readTenant } from '@recado/database';
import type { Caller } from '@recado/service-kit';
import type { Deps } from '../deps.ts';
import { selectUser } from '../users/store.ts';
import { permissionsFor } from './permissions.ts';

/**
 * The caller with permissions that are newer than its token. Without them an admin with a running
 * session could make no other admin, because callers give only what they have.
 */
export async function withLaterPermissions(deps: Deps, caller: Caller): Promise<Caller> {
  const { tenantId, userId, permissions } = caller;
  if (!userId || LATER_PERMISSIONS.every((name) => permissions.includes(name))) return caller;
  const [[user]] = await readTenant(deps.db, tenantId, (tx) => [selectUser(tx, tenantId, userId)]);
  if (!user) return caller;
  const held = permissionsFor(user);
  return {
    ...caller,
    permissions: [
      ...permissions,
      ...LATER_PERMISSIONS.filter((name) => held.includes(name) && !permissions.includes(name)),
    ],
  };
}
