import { messageSynced } from '@recado/contracts';
import { consume } from '@recado/service';
import type { Deps } from '../deps.ts';
import { storeSynced } from '../inbound/sync.ts';

export function consumeMessageSynced(deps: Deps) {
  const { metrics, now } = deps;
  return consume(deps, {
    event: messageSynced,
    dedupe: 'handler',
    batch: 256,
    async handle(tx, events) {
      const stored = await storeSynced(tx, events, now(), (count) =>
        metrics.ignored.inc({ name: 'foreign_change' }, count),
      );
      metrics.stored.inc({ direction: 'outbound', author: 'user' }, stored);
      metrics.repeated.inc(events.length - stored);
    },
  });
}
