/** Which channels have how much to send, and which of them must wait. Pure but for its own memory; fair between channels. */
export interface Demand {
  /** A channel has (at least) `count` more rows. */
  add(channelId: string, count: number): void;
  /** Nothing of it goes before `until` (milliseconds). */
  hold(channelId: string, until: number): void;
  /** Takes what may go now: at most `free` in all and `perChannel(id)` of one, shared out evenly, longest waiting channel first. */
  take(now: number, free: number, perChannel: (channelId: string) => number): { channelId: string; amount: number }[];
  /** When the next held channel may go; Infinity when none waits, or only such without room, whose ends wake anyway. */
  nextAt(now: number, perChannel: (channelId: string) => number): number;
}

/** Numbers are guesses; this keeps them small. */
const CAP = 10_000;

export function createDemand(): Demand {
  // Insertion order is the order of waiting: whoever was served goes to the end.
  const counts = new Map<string, number>();
  const held = new Map<string, number>();
  const ready = (channelId: string, now: number) => (held.get(channelId) ?? 0) <= now;
  return {
    add(channelId, count) {
      counts.set(channelId, Math.min(CAP, (counts.get(channelId) ?? 0) + count));
    },
    hold(channelId, until) {
      held.set(channelId, until);
    },
    take(now, free, perChannel) {
      const candidates = [...counts].filter(([id]) => ready(id, now) && perChannel(id) > 0);
      const taken: { channelId: string; amount: number }[] = [];
      let left = free;
      for (const [i, [channelId, count]] of candidates.entries()) {
        if (left <= 0) break;
        const share = Math.ceil(left / (candidates.length - i));
        const amount = Math.min(count, share, perChannel(channelId));
        left -= amount;
        counts.delete(channelId);
        held.delete(channelId);
        if (count > amount) counts.set(channelId, count - amount);
        taken.push({ channelId, amount });
      }
      return taken;
    },
    nextAt(now, perChannel) {
      let next = Number.POSITIVE_INFINITY;
      for (const channelId of counts.keys()) {
        if (perChannel(channelId) > 0) next = Math.min(next, Math.max(now, held.get(channelId) ?? 0));
      }
      return next;
    },
  };
}
