import { type EventData, messageStatusRank, type messageUpdated } from '@recado/contracts';
import { createFurthest } from './furthest.ts';

type Update = Pick<EventData<typeof messageUpdated>, 'messageId' | 'status' | 'error' | 'change'>;

/** Lets a message's status only move forwards on screens. */
export interface StatusOrder {
  /** False for an update that a later one has overtaken; it is not to be shown. */
  admit(update: Update): boolean;
}

/**
 * Remembers the furthest status of the latest `capacity` messages at least, twice as many at most.
 */
export function createStatusOrder(capacity?: number): StatusOrder {
  const furthest = createFurthest<number>(capacity);
  return {
    admit({ messageId, status, error, change }) {
      // A changed text is shown with any status.
      if (change) return true;
      const rank = messageStatusRank(status, error?.code ?? null);
      return furthest.reach(messageId, rank) === rank;
    },
  };
}
