import { createCache } from '@recado/service-kit';

/** How much an address may send in the ordinary queue, by what it sent before. */
export interface SenderCredit {
  /**
   * Whether a body goes with the ordinary ones; it then counts as not judged yet until settle().
   */
  admit(address: string, bytes: number): boolean;
  /** What became of a body; `admitted` as admit() said. */
  settle(address: string, bytes: number, status: number | null, admitted: boolean): void;
}

/** Bytes that an address nothing is known of may have under way. */
const START = 64 * 1024;
/** Good bodies count up to here; so does a debt. */
const LIMIT = 64 * 1024 * 1024;
/** What a body costs beside its bytes: a signature to check, maybe a query. */
const BODY_COST = 256;
/** Bytes a millisecond by which a debt is forgotten: 1 MiB in a minute. */
const FORGIVEN_PER_MS = (1024 * 1024) / 60_000;
const MAX_ADDRESSES = 20_000;
/** Not signed by one of our secrets, no channel of ours, or no JSON. */
const BAD = new Set([400, 401, 404]);

interface Account {
  credit: number;
  /** Of admitted bodies that have no answer yet. */
  pending: number;
  at: number;
}

/**
 * A provider's address sends many good bodies and some bad ones. Accepted bytes earn credit,
 * refused bytes cost it; with credit left an address uses the ordinary queue.
 * @param clock milliseconds
 */
export function createSenderCredit(clock: () => number = () => performance.now()): SenderCredit {
  const accounts = createCache<string, Account>({ max: MAX_ADDRESSES });

  function accountOf(address: string): Account {
    const now = clock();
    let account = accounts.get(address);
    if (!account) {
      account = { credit: START, pending: 0, at: now };
      accounts.set(address, account);
    } else if (account.credit < START) {
      account.credit = Math.min(START, account.credit + (now - account.at) * FORGIVEN_PER_MS);
    }
    account.at = now;
    return account;
  }

  return {
    admit(address, bytes) {
      const account = accountOf(address);
      const cost = bytes + BODY_COST;
      if (account.pending + cost > account.credit) return false;
      account.pending += cost;
      return true;
    },
    settle(address, bytes, status, admitted) {
      const account = accountOf(address);
      const cost = bytes + BODY_COST;
      if (admitted) account.pending = Math.max(0, account.pending - cost);
      if (status === 200) account.credit = Math.min(LIMIT, account.credit + cost);
      else if (status !== null && BAD.has(status)) account.credit = Math.max(-LIMIT, account.credit - cost);
    },
  };
}
