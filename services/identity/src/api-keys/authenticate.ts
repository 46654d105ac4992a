import type { identityApi, RouteInput, RouteOutput } from '@recado/contracts';
import { withTenant } from '@recado/database';
import { Unauthorized } from '@recado/service-kit';
import type { Deps } from '../deps.ts';
import { readKey } from './key.ts';
import { findByHash, noteUse } from './store.ts';

type Input = RouteInput<typeof identityApi.authenticateApiKey>['body'];

/**
 * The owner and the permissions of a key. Its use is noted once a minute.
 * @throws Unauthorized for a key that does not count, for any reason
 */
export async function authenticateApiKey(
  deps: Pick<Deps, 'db'>,
  { key, ip }: Input,
): Promise<RouteOutput<typeof identityApi.authenticateApiKey>> {
  const read = readKey(key);
  if (!read) throw unknown();
  const { tenantId, hash } = read;
  return withTenant(deps.db, tenantId, async (tx) => {
    const found = await findByHash(tx, tenantId, hash);
    if (!found?.live || found.tenantStatus !== 'active') throw unknown();
    if (found.noteUse) await noteUse(tx, tenantId, found.id, ip ?? null);
    const { id: apiKeyId, permissions, expiresAt } = found;
    return { apiKeyId, tenantId, permissions, expiresAt: expiresAt?.toISOString() ?? null };
  });
}

const unknown = () => new Unauthorized('This API key does not count');
