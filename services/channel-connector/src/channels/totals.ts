import type { Database } from '@recado/database';
import type { Logger } from '@recado/service-kit';
import { addTotals } from './store.ts';

export interface ChannelTotals {
  sent(channelId: string, count?: number): void;
  received(channelId: string, count?: number): void;
  flush(): Promise<void>;
  stop(): Promise<void>;
}

const FLUSH_MS = 1000;

/**
 * Counts a channel's messages in memory and writes each second. One update per transaction would
 * make a number's webhooks wait for one row lock. A killed process loses its last second.
 */
export function startTotals(workerDb: Database, log: Logger): ChannelTotals {
  let counts = new Map<string, { sent: number; received: number }>();
  const add = (channelId: string, field: 'sent' | 'received', count: number) => {
    let entry = counts.get(channelId);
    if (!entry) {
      entry = { sent: 0, received: 0 };
      counts.set(channelId, entry);
    }
    entry[field] += count;
  };

  async function flush(): Promise<void> {
    if (counts.size === 0) return;
    const taken = counts;
    counts = new Map();
    const values = [...taken.values()];
    try {
      await addTotals(
        workerDb.sql,
        [...taken.keys()],
        values.map((one) => one.sent),
        values.map((one) => one.received),
      );
    } catch (err) {
      log.warn({ err }, "channels' totals could not be written, trying again");
      for (const [id, { sent, received }] of taken) {
        add(id, 'sent', sent);
        add(id, 'received', received);
      }
    }
  }

  let flushing: Promise<void> | null = null;
  const timer = setInterval(() => {
    flushing ??= flush().finally(() => {
      flushing = null;
    });
  }, FLUSH_MS);
  timer.unref();

  return {
    sent: (channelId, count = 1) => add(channelId, 'sent', count),
    received: (channelId, count = 1) => add(channelId, 'received', count),
    flush,
    async stop() {
      clearInterval(timer);
      await flushing;
      await flush();
    },
  };
}
