import { readTenant } from '@recado/database';
import { type Caller, Unauthorized } from '@recado/service-kit';
import type { Deps } from '../deps.ts';
import { findLiveSession } from './store.ts';

/**
 * The person behind a request that touches their own credentials: by the session table itself, not by what an edge last heard of it.
 * @throws Unauthorized for machines and for who has no live session
 */
export async function requireLiveUser({ db }: Pick<Deps, 'db'>, caller: Caller): Promise<string> {
  const { tenantId, userId, sessionId = null } = caller;
  if (!userId || !sessionId) throw new Unauthorized('This takes a person who is logged in');
  const [live] = await readTenant(db, tenantId, (tx) => [findLiveSession(tx, tenantId, sessionId)]);
  if (live.length === 0) throw new Unauthorized('The session has ended');
  return userId;
}
