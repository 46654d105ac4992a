import type { Logger } from '@recado/service-kit';
import type { LinkState } from '../../providers/linking.ts';
import type { ChannelCheck } from './check.ts';

/** Asks providers about channels that said something of their connection. */
export interface CheckSoon {
  /** Asks once for all calls that come while it asks; the answer counts, not their order. */
  ask(channelId: string): void;
  /** Stores what a provider told by itself. */
  tell(channelId: string, said: LinkState): void;
  /** Waits for those under way. */
  drain(): Promise<void>;
}

export function createCheckSoon(check: Pick<ChannelCheck, 'check'>, log: Logger): CheckSoon {
  const running = new Map<string, Promise<void>>();
  const told = new Set<Promise<void>>();
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
    tell(channelId, said) {
      const stored = check.check(channelId, { said }).then(
        () => void told.delete(stored),
        (err: unknown) => {
          told.delete(stored);
          log.warn({ err, channelId }, 'what a provider told of a channel could not be stored');
        },
      );
      told.add(stored);
    },
    async drain() {
      again.clear();
      await Promise.all([...running.values(), ...told]);
    },
  };
}
