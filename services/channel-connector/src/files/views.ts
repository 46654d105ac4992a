import { type AuditOrigin, buildAudit, connectorAudit, type StoredFile } from '@recado/contracts';
import type { FileRow } from './store.ts';

export const viewFile = (row: FileRow): StoredFile => ({
  id: row.id,
  name: row.name,
  type: row.type,
  size: row.size,
  sha256: row.sha256,
  width: row.width,
  height: row.height,
  variants:
    row.state === 'uploaded' || row.state === 'ready'
      ? [
          'original',
          ...(row.thumbnailType ? (['thumbnail'] as const) : []),
          ...(row.playbackType ? (['playback'] as const) : []),
        ]
      : [],
  state: row.state,
  error: row.errorCode === null ? null : { code: row.errorCode, message: row.errorMessage ?? '' },
  source: row.source,
  relatedType: row.relatedType,
  relatedId: row.relatedId,
  createdBy: row.createdBy,
  createdAt: row.createdAt.toISOString(),
});

/** What people may know of a file in the audit log: its name, not its content. */
export function fileAudit(verb: 'create' | 'delete', { id, name, type, size }: FileRow, origin: AuditOrigin, at: Date) {
  const facts = { name, type, size };
  const changes = Object.fromEntries(
    Object.entries(facts).map(([field, value]) => [
      field,
      verb === 'create' ? { from: null, to: value } : { from: value, to: null },
    ]),
  );
  return buildAudit(connectorAudit, origin, { action: `file.${verb}`, entityType: 'file', entityId: id, changes, at });
}
