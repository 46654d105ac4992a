import type { Logger } from '@recado/service-kit';
import type { ChannelCheck } from './check.ts';

/** Asks providers about channels that said something of their connection. */
export interface CheckSoon {
  /** Asks once for all calls that come while it asks; the answer counts, not their order. */
  ask(channelId: string): void;
  /** Waits for those under way. */
  drain(): Promise<void>;
}

export function createCheckSoon(check: Pick<ChannelCheck, 'check'>, log: Logger): CheckSoon {
  const running = new Map<string, Promise<void>>();
  const again = new Set<string>();
  const ask = (channelId: string): void => {
    if (running.has(channelId)) {
      again.add(channelId);
      return;
    }
    const asked = check
      .check(channelId)
      .then(
        () => undefined,
        (err: unknown) => log.warn({ err, channelId }, 'a channel could not be checked'),
      )
      .then(() => {
        running.delete(channelId);
        if (again.delete(channelId)) ask(channelId);
      });
    running.set(channelId, asked);
  };
  return {
    ask,
    async drain() {
      again.clear();
      await Promise.all(running.values());
    },
  };
}
