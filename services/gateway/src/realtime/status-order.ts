import type { EventData, messageUpdated } from '@recado/contracts';

type Update = Pick<EventData<typeof messageUpdated>, 'messageId' | 'status' | 'error'>;

/** `uncertain`: given up on because no answer came; any sign of life outranks it. Conversation decides by the same order. */
const ORDER = ['pending', 'failed:uncertain', 'sent', 'failed', 'delivered', 'read'];
const UNCERTAIN = 'uncertain';

const rankOf = ({ status, error }: Update): number =>
  ORDER.indexOf(status === 'failed' && error?.code === UNCERTAIN ? 'failed:uncertain' : status);

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
      const rank = rankOf(update);
      const { messageId } = update;
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
