import { readTenant } from '@recado/database';
import { type Caller, Unauthorized } from '@recado/service-kit';
import { findLiveKey } from '../api-keys/store.ts';
import type { Deps } from '../deps.ts';
import { findLivePerson, findLiveSession } from './store.ts';

/**
 * The user who changes their own credentials, checked in the session table and not by what an edge
 * knows.
 * @throws Unauthorized for API keys, and without a live session
 */
export async function requireLiveUser({ db }: Pick<Deps, 'db'>, caller: Caller): Promise<string> {
  const { tenantId, userId, sessionId = null } = caller;
  if (!userId || !sessionId) throw new Unauthorized('This takes a person who is logged in');
  const [live] = await readTenant(db, tenantId, (tx) => [findLiveSession(tx, tenantId, sessionId)]);
  if (live.length === 0) throw new Unauthorized('The session has ended');
  return userId;
}

/**
 * Asks the tables whether the session or the API key behind a request is alive, and its user and
 * tenant active.
 * @throws Unauthorized
 */
export async function requireLiveCaller({ db }: Pick<Deps, 'db'>, caller: Caller): Promise<void> {
  const { tenantId, userId, sessionId = null, apiKeyId = null } = caller;
  const [live] = await readTenant(db, tenantId, (tx) => [
    apiKeyId ? findLiveKey(tx, tenantId, apiKeyId) : findLivePerson(tx, tenantId, userId, sessionId),
  ]);
  if (live.length === 0) throw new Unauthorized('The session has ended');
}
