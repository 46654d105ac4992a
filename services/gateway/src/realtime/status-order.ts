import { type EventData, messageStatusRank, type messageUpdated } from '@recado/contracts';

type Update = Pick<EventData<typeof messageUpdated>, 'messageId' | 'status' | 'error'>;

/**
 * Lets a message's status only move forwards on screens. A server that dies while events are on their way may put an
 * earlier one behind a later one in the stream; clients show the last they hear.
 */
export interface StatusOrder {
  /** False for an update that a later one has overtaken; it is not to be shown. */
  admit(update: Update): boolean;
}

/** Remembers the furthest status of the latest `capacity` messages at least, twice as many at most. */
export function createStatusOrder(capacity = 50_000): StatusOrder {
  let young = new Map<string, number>();
  let old = new Map<string, number>();
  return {
    admit(update) {
      const { messageId, status, error } = update;
      const rank = messageStatusRank(status, error?.code ?? null);
      const furthest = young.get(messageId) ?? old.get(messageId) ?? -1;
      if (rank < furthest) return false;
      young.set(messageId, rank);
      if (young.size >= capacity) {
        old = young;
        young = new Map();
      }
      return true;
    },
  };
}
