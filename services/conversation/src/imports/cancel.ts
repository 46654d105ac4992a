import {
  type AuditOrigin,
  buildAudit,
  buildEvent,
  type ContactImport,
  conversationAudit,
  importFinished,
} from '@recado/contracts';
import { type Tx, withTenant } from '@recado/database';
import { enqueue } from '@recado/messaging';
import { type Caller, ownerSeenBy } from '@recado/service-kit';
import type { Deps } from '../deps.ts';
import { deleteChunks, type ImportRow, lockImport, lockUnstarted, updateImport } from './store.ts';
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
    return row.endedAt === null ? cancel(tx, deps, origin, row) : importView(row);
  });
}

/** Gives up the oldest files that were not started, so that the next one has a place. */
export async function cancelUnstarted(tx: Tx, deps: Deps, origin: AuditOrigin, keep: number): Promise<void> {
  for (const row of await lockUnstarted(tx, origin.tenantId, keep)) await cancel(tx, deps, origin, row);
}

async function cancel(tx: Tx, { now }: Deps, origin: AuditOrigin, row: ImportRow): Promise<ContactImport> {
  const { tenantId, id } = row;
  const view = importView(await updateImport(tx, row, { status: 'cancelled', endedAt: now() }));
  await deleteChunks(tx, row);
  const what = { action: 'contact.cancel_import', entityType: 'import', entityId: id };
  await enqueue(tx, [
    buildEvent(importFinished, {
      tenantId,
      subject: id,
      traceparent: origin.traceparent,
      data: { import: view },
    }),
    buildAudit(conversationAudit, origin, what),
  ]);
  return view;
}
