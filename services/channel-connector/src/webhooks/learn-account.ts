import { createCache } from '@recado/service-kit';
import type { KnownChannel } from '../channels/directory.ts';
import type { Deps } from '../deps.ts';
import { learnAccount } from '../templates/accounts/accounts.ts';

export type LearnAccount = (channel: Pick<KnownChannel, 'id' | 'tenantId'>, accountId: string) => void;

/** Notes behind the answer which account a channel belongs to, as its signed webhooks say. */
export function createLearnAccount({
  workerDb,
  directory,
  log,
}: Pick<Deps, 'workerDb' | 'directory' | 'log'>): LearnAccount {
  const noted = createCache<string, string>({ max: 20_000, ttl: 60_000 });
  return ({ id, tenantId }, accountId) => {
    if (noted.get(id) === accountId) return;
    noted.set(id, accountId);
    learnAccount(workerDb.sql, tenantId, id, accountId).then(
      () => directory.forget(id),
      (err: unknown) => {
        noted.delete(id);
        log.warn({ err, channelId: id }, "a channel's account could not be noted");
      },
    );
  };
}
