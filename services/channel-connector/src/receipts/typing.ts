import { NotFound } from '@recado/service-kit';
import type { Directory } from '../channels/directory.ts';
import type { ReadMessage } from '../providers/provider.ts';
import { takesReceipts } from './rules.ts';

/** Signs that an agent is typing. They are a courtesy: one that fails is not repeated. */
export interface TypingSigns {
  /**
   * Begins to show one; the answer does not wait for the provider, which may take its time.
   * @returns false when the number or its provider cannot
   * @throws NotFound when the channel is not the tenant's
   */
  show(tenantId: string, channelId: string, message: ReadMessage): Promise<boolean>;
  /** Waits for those under way. */
  drain(): Promise<void>;
}

/** Signs under way in this process; beyond it they are left out. */
const MAX_UNDER_WAY = 200;

export function createTypingSigns({ directory, now }: { directory: Directory; now: () => Date }): TypingSigns {
  const underWay = new Set<Promise<unknown>>();
  return {
    async show(tenantId, channelId, message) {
      const channel = await directory.find(`id:${channelId}`);
      if (channel?.tenantId !== tenantId) throw new NotFound('channel', channelId);
      const { provider, proven, blockedUntil } = channel;
      const works = proven && blockedUntil <= now().getTime() && takesReceipts(provider, message.recipient);
      if (!works || !provider.showTyping || underWay.size >= MAX_UNDER_WAY) return false;
      const shown = provider.showTyping(channel, message).finally(() => underWay.delete(shown));
      underWay.add(shown);
      return true;
    },
    async drain() {
      await Promise.all(underWay);
    },
  };
}
