import { type AuditEntry, redactChanges } from '@recado/contracts';
import type { Tx } from '@recado/database';
import type { Delivered } from '@recado/messaging';
import { type AuditLine, insertLines } from './store.ts';

/**
 * Writes a batch of audit events down. Who made them leaves secrets out; should one forget, it ends
 * here all the same.
 */
export function recordAudit(tx: Tx, events: readonly Delivered<AuditEntry>[]): Promise<void> {
  return insertLines(
    tx,
    events.map(
      ({ tenantId, id, data }): AuditLine => ({
        ...data,
        tenantId,
        id,
        changes: data.changes && redactChanges(data.changes),
      }),
    ),
  );
}
