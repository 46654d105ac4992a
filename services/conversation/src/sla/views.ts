import { type Conversation, SLA_TARGETS } from '@recado/contracts';
import type { Clocks } from './rules.ts';

/** The targets of a conversation; null: it has none. */
export function slaView(clocks: Clocks | null): NonNullable<Conversation['sla']> | null {
  const shown = SLA_TARGETS.flatMap((target) => {
    const clock = clocks?.[target];
    if (!clock) return [];
    const { startedAt, dueAt, warnedAt, breachedAt, endedAt, left } = clock;
    return [{ target, startedAt, dueAt, warnedAt, breachedAt, endedAt, stands: left !== null }];
  });
  return shown.length > 0 ? shown : null;
}
