import type { Database } from '@recado/database';
import type { Logger, Sealer } from '@recado/service-kit';
import type { Providers } from '../../providers/index.ts';
import type { Provider } from '../../providers/provider.ts';
import { openCredentials } from '../credentials.ts';
import { saveDigest, selectWithoutDigest } from './sealed-store.ts';

const AT_ONCE = 100;
/** For a channel without a token, or with credentials that cannot be opened: equals no digest. */
const NO_DIGEST = '';

/** Digests of a verify token under each key of the ring, the active one first. */
export const digestsOf = (sealer: Sealer, verifyToken: string): string[] => sealer.digests(verifyToken, 'verify-token');

/** What is kept of a channel's verify token. */
export function digestOf(sealer: Sealer, { handshake }: Provider, account: unknown): string {
  return handshake ? digestsOf(sealer, handshake.tokenOf(account))[0]! : NO_DIGEST;
}

interface FillDeps {
  workerDb: Database;
  sealer: Sealer;
  providers: Providers;
  log: Logger;
}

/** Adds the digests of channels that were made without one, by a version before. */
export async function fillDigests(deps: FillDeps): Promise<void> {
  for (const row of await selectWithoutDigest(deps.workerDb.sql, AT_ONCE)) {
    const provider = deps.providers.get(row.provider);
    let digest = NO_DIGEST;
    try {
      if (provider)
        digest = digestOf(deps.sealer, provider, openCredentials(deps.sealer, provider, row.id, row.credentials));
    } catch (err) {
      deps.log.error({ err, channelId: row.id, tenantId: row.tenantId }, "a channel's credentials can't be opened");
    }
    await saveDigest(deps.workerDb.sql, row, digest);
  }
}
