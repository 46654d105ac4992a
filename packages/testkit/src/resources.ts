import { setTimeout as pause } from 'node:timers/promises';

/** What a test file must close again, as Node names it, and what it is. */
const KINDS: Record<string, string> = {
  TCPServerWrap: 'a listening server',
  TCPSocketWrap: 'an open socket',
  ProcessWrap: 'a running process',
  MessagePort: 'a worker or message port',
};
/** Closing takes a moment after the call that asked for it. */
const PATIENCE_MS = 3_000;

/** How many of each kind keep this process alive. */
export function resources(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) {
    if (kind in KINDS) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return counts;
}

/** What there is more of than before, for people; empty when all of it is gone soon. */
export async function leftovers(before: Map<string, number>, patienceMs = PATIENCE_MS): Promise<string[]> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const left = [...resources()].flatMap(([kind, count]) => {
      const more = count - (before.get(kind) ?? 0);
      return more > 0 ? [more === 1 ? KINDS[kind]! : `${more} times ${KINDS[kind]}`] : [];
    });
    if (left.length === 0 || Date.now() > deadline) return left;
    await pause(10);
  }
}
