import { withWorker } from '@recado/database';
import type { Deps } from '../deps.ts';
import { pruneLines } from './store.ts';

/** Rows deleted in one transaction. Few, so that other transactions do not wait. */
const PIECE = 1000;
const DAY_MS = 24 * 60 * 60 * 1000;

/** Drops lines of the audit log that are older than RECADO_AUDIT_DAYS, piece by piece. */
export async function pruneAudit({ workerDb, config, now }: Deps): Promise<void> {
  const before = new Date(now().getTime() - config.RECADO_AUDIT_DAYS * DAY_MS);
  while ((await withWorker(workerDb, (tx) => pruneLines(tx, before, PIECE))) === PIECE);
}
