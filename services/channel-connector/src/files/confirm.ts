import type { AuditOrigin, StoredFile } from '@recado/contracts';
import { withTenant } from '@recado/database';
import { enqueue } from '@recado/messaging';
import type { Deps } from '../deps.ts';
import { type FileRow, lockFile, markReady } from './store.ts';
import { fileAudit, viewFile } from './views.ts';

/** Keeps an upload. A second call changes nothing. @throws NotFound */
export async function confirmFile(
  deps: Pick<Deps, 'db' | 'now'>,
  origin: AuditOrigin,
  fileId: string,
  related: Pick<FileRow, 'relatedType' | 'relatedId'>,
): Promise<StoredFile> {
  const { tenantId } = origin;
  const row = await withTenant(deps.db, tenantId, async (tx) => {
    const before = await lockFile(tx, tenantId, fileId);
    if (before.state !== 'uploaded') return before;
    const after = await markReady(tx, before, related);
    await enqueue(tx, [fileAudit('create', after, origin, deps.now())]);
    return after;
  });
  return viewFile(row);
}
