import { identityApi } from '@recado/contracts';
import { readTenant } from '@recado/database';
import { type Caller, NotFound, requirePermission, serve, timeAndId, walkOf } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import type { Deps } from '../deps.ts';
import { authenticateApiKey } from './authenticate.ts';
import { createApiKey } from './create.ts';
import { revokeApiKey } from './revoke.ts';
import { apiKeyView, countApiKeys, selectApiKey, selectApiKeys } from './store.ts';

const walk = walkOf('api-keys', timeAndId);

export function apiKeyRoutes(app: FastifyInstance, deps: Deps): void {
  const requireManager = (caller: Caller) => requirePermission(caller, 'api_keys.manage', { services: false });

  serve(app, identityApi.createApiKey, async ({ caller, body, origin }) => {
    requireManager(caller);
    return createApiKey(deps, caller, body, origin);
  });

  serve(app, identityApi.listApiKeys, async ({ caller, query }) => {
    requireManager(caller);
    const { tenantId } = caller;
    const revoked = query.revoked === undefined ? null : query.revoked === 'true';
    const slice = walk.slice(query);
    const [keys, [total]] = await readTenant(deps.db, tenantId, (tx) => [
      selectApiKeys(tx, tenantId, revoked, slice),
      countApiKeys(tx, tenantId, revoked),
    ]);
    const { items, nextCursor } = walk.page(keys, query.limit, ({ createdAt: at, id }) => ({ at, id }));
    return { items: items.map(apiKeyView), total: total!.count, nextCursor };
  });

  serve(app, identityApi.getApiKey, async ({ caller, params }) => {
    // A service asks on its own account whether a key that ordered something still counts.
    if (caller.role !== 'service') requireManager(caller);
    const [[key]] = await readTenant(deps.db, caller.tenantId, (tx) => [
      selectApiKey(tx, caller.tenantId, params.apiKeyId),
    ]);
    if (!key) throw new NotFound('api_key', params.apiKeyId);
    return apiKeyView(key);
  });

  serve(app, identityApi.revokeApiKey, async ({ caller, params, origin }) => {
    requireManager(caller);
    await revokeApiKey(deps, caller.tenantId, params.apiKeyId, origin);
    return null;
  });

  serve(app, identityApi.authenticateApiKey, async ({ body }) => authenticateApiKey(deps, body));
}
