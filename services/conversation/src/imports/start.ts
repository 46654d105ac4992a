import {
  type AuditOrigin,
  buildAudit,
  type ContactImport,
  type conversationApi,
  conversationAudit,
  type RouteInput,
} from '@recado/contracts';
import { withTenant } from '@recado/database';
import { enqueueJob } from '@recado/jobs';
import { enqueue } from '@recado/messaging';
import { type Caller, NotFound, ownerSeenBy } from '@recado/service-kit';
import type { Deps } from '../deps.ts';
import { importJob } from './job.ts';
import { readMapping } from './mapping.ts';
import { lockImport, updateImport } from './store.ts';
import { importView } from './views.ts';

type Input = RouteInput<typeof conversationApi.startImport>['body'];

/**
 * Orders the rows of an uploaded file to be imported. A second call changes nothing.
 * @throws NotFound `import`; ValidationFailed naming the mapping
 */
export async function startImport(
  deps: Deps,
  caller: Caller,
  origin: AuditOrigin,
  importId: string,
  { mapping, onDuplicate }: Input,
): Promise<ContactImport> {
  const { tenantId } = caller;
  await deps.tenants.ensure(tenantId);
  return withTenant(deps.db, tenantId, async (tx) => {
    const row = await lockImport(tx, tenantId, ownerSeenBy(caller), importId);
    if (row.status === 'reading') throw new NotFound('import', importId);
    if (row.status !== 'read') return importView(row);
    const started = await updateImport(tx, row, {
      status: 'queued',
      mapping: readMapping(row.headers, mapping),
      onDuplicate,
    });
    const { traceparent } = origin;
    await enqueueJob(tx, importJob, tenantId, { importId }, { key: importId, traceparent });
    const changes = { rows: { from: null, to: row.totalRows }, onDuplicate: { from: null, to: onDuplicate } };
    const what = { action: 'contact.import', entityType: 'import', entityId: importId, changes };
    await enqueue(tx, [buildAudit(conversationAudit, origin, what)]);
    return importView(started);
  });
}
