import type { Database } from '@recado/database';
import type { Logger, Sealer } from '@recado/service-kit';
import { openCredentials } from './credentials.ts';
import { saveDigest, selectWithoutDigest } from './store.ts';

const AT_ONCE = 100;
/** Of a channel whose credentials can't be opened: equal to no digest. */
const UNREADABLE = '';

/** Digests of a verify token under each key of the ring, the active one first. */
export const digestsOf = (sealer: Sealer, verifyToken: string): string[] => sealer.digests(verifyToken, 'verify-token');

/** Adds the digests of channels that were made without one, also by the version before during an upgrade. */
export async function fillDigests(deps: { workerDb: Database; sealer: Sealer; log: Logger }): Promise<void> {
  for (const row of await selectWithoutDigest(deps.workerDb.sql, AT_ONCE)) {
    let digest = UNREADABLE;
    try {
      digest = digestsOf(deps.sealer, openCredentials(deps.sealer, row.id, row.credentials).verifyToken)[0]!;
    } catch (err) {
      deps.log.error({ err, channelId: row.id, tenantId: row.tenantId }, "a channel's credentials can't be opened");
    }
    await saveDigest(deps.workerDb.sql, row, digest);
  }
}
