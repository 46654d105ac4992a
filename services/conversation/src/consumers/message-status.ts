import { messageStatus } from '@recado/contracts';
import { consume } from '@recado/service';
import type { Deps } from '../deps.ts';
import { applyStatuses } from '../statuses/apply.ts';

export function consumeMessageStatus(deps: Deps) {
  return consume(deps, {
    event: messageStatus,
    dedupe: 'handler',
    async handle(tx, events) {
      const counts = await applyStatuses(tx, events);
      for (const [outcome, count] of Object.entries(counts)) deps.metrics.statuses.inc({ outcome }, count);
    },
  });
}
