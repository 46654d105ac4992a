import {
  type AuditOrigin,
  buildAudit,
  changesBetween,
  type identityApi,
  identityAudit,
  type RouteInput,
  type RouteOutput,
  uuidv7,
} from '@recado/contracts';
import { once, type Tx, withTenant } from '@recado/database';
import { enqueue } from '@recado/messaging';
import { type Caller, Conflict, Forbidden, ValidationFailed } from '@recado/service-kit';
import type { Deps } from '../deps.ts';
import { lockProvedTenant } from '../tenants/store.ts';
import { newKey } from './key.ts';
import { apiKeyView, countLiveKeys, insertApiKey } from './store.ts';

type Input = RouteInput<typeof identityApi.createApiKey>['body'];

const MAX_LIVE = 100;
const MAX_YEARS = 10;

/**
 * Makes an API key, with no more permissions than its maker has. Only this answer holds the key
 * (and `call_keys`, sealed, for 72 hours).
 * @throws Forbidden for permissions the caller lacks, ValidationFailed on `expiresAt`
 * @throws Conflict `api_key` with 100 live ones
 */
export async function createApiKey(
  deps: Deps,
  caller: Caller,
  input: Input,
  origin: AuditOrigin,
): Promise<RouteOutput<typeof identityApi.createApiKey>> {
  const { tenantId, userId: createdBy } = caller;
  const lacking = input.permissions.filter((permission) => !caller.permissions.includes(permission));
  if (lacking.length > 0) throw new Forbidden(`A key may do no more than its maker, who lacks ${lacking.join(', ')}`);
  refuseBadExpiry(input.expiresAt);
  const permissions = [...new Set(input.permissions)];
  const key = newKey(tenantId);
  const work = async (tx: Tx) => {
    await lockProvedTenant(tx, tenantId);
    const [live] = await countLiveKeys(tx, tenantId);
    if (live!.count >= MAX_LIVE) throw new Conflict(`There are ${MAX_LIVE} API keys already`, 'api_key');
    const given = { id: uuidv7(), name: input.name, key, permissions, createdBy, expiresAt: input.expiresAt };
    const made = apiKeyView(await insertApiKey(tx, tenantId, given));
    const { id: entityId, name, prefix, expiresAt } = made;
    const changes = changesBetween(null, { name, prefix, permissions, expiresAt });
    const what = { action: 'api_key.create', entityType: 'api_key', entityId, changes };
    await enqueue(tx, buildAudit(identityAudit, origin, what));
    return { apiKey: made, key: key.key };
  };
  const made = await withTenant(deps.db, tenantId, (tx) => once(tx, tenantId, origin.callKey, () => work(tx)));
  return made;
}

/** @throws ValidationFailed */
function refuseBadExpiry(expiresAt: string | null, now = new Date()): void {
  if (expiresAt === null) return;
  const latest = new Date(now);
  latest.setUTCFullYear(latest.getUTCFullYear() + MAX_YEARS);
  const at = new Date(expiresAt);
  if (at > now && at <= latest) return;
  const message = `Must lie in the future, ${MAX_YEARS} years ahead at most`;
  throw new ValidationFailed([{ field: 'expiresAt', message, code: at > now ? 'too_big' : 'too_small' }]);
}
