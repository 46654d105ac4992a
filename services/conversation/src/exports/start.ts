import {
  type AuditOrigin,
  buildAudit,
  changesBetween,
  type conversationApi,
  conversationAudit,
  type RouteInput,
} from '@recado/contracts';
import { withTenant } from '@recado/database';
import { enqueue } from '@recado/messaging';
import { type Caller, ownerSeenBy } from '@recado/service-kit';
import type { Deps } from '../deps.ts';
import { selectKeys } from './store.ts';

type Input = RouteInput<typeof conversationApi.startContactExport>['body'];

/** Columns of the tenant's own in one file. */
const MAX_KEYS = 100;

/** Notes who takes which contacts, and tells which columns the file has. */
export async function startExport(
  { db }: Pick<Deps, 'db'>,
  caller: Caller,
  origin: AuditOrigin,
  { format, ...filter }: Input,
): Promise<{ customFields: string[] }> {
  const { tenantId } = caller;
  return withTenant(db, tenantId, async (tx) => {
    const keys = await selectKeys(tx, tenantId, ownerSeenBy(caller), filter, MAX_KEYS);
    const changes = changesBetween(null, { format, ...filter });
    const what = { action: 'contact.export', entityType: 'contact', entityId: null, changes };
    await enqueue(tx, [buildAudit(conversationAudit, origin, what)]);
    return { customFields: keys.map(({ key }) => key) };
  });
}
