import {
  type AuditOrigin,
  buildAudit,
  buildEvent,
  type ContactImport,
  conversationAudit,
  importFinished,
} from '@recado/contracts';
import { withTenant } from '@recado/database';
import { enqueue } from '@recado/messaging';
import { type Caller, ownerSeenBy } from '@recado/service-kit';
import type { Deps } from '../deps.ts';
import { deleteChunks, lockImport, updateImport } from './store.ts';
import { importView } from './views.ts';

/**
 * Stops an import between two chunks. One that has ended stays as it is.
 * @throws NotFound `import`
 */
export async function cancelImport(
  deps: Deps,
  caller: Caller,
  origin: AuditOrigin,
  importId: string,
): Promise<ContactImport> {
  const { tenantId } = caller;
  return withTenant(deps.db, tenantId, async (tx) => {
    const row = await lockImport(tx, tenantId, ownerSeenBy(caller), importId);
    if (row.endedAt !== null) return importView(row);
    const view = importView(await updateImport(tx, row, { status: 'cancelled', endedAt: deps.now() }));
    await deleteChunks(tx, row);
    const what = { action: 'contact.cancel_import', entityType: 'import', entityId: importId };
    const { traceparent } = origin;
    await enqueue(tx, [
      buildEvent(importFinished, { tenantId, subject: importId, traceparent, data: { import: view } }),
      buildAudit(conversationAudit, origin, what),
    ]);
    return view;
  });
}
