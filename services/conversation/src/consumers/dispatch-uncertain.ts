import { dispatchUncertain } from '@recado/contracts';
import { consume } from '@recado/service';
import type { Deps } from '../deps.ts';
import { keepUncertain } from '../statuses/uncertain.ts';

export function consumeDispatchUncertain(deps: Deps) {
  return consume(deps, {
    event: dispatchUncertain,
    dedupe: 'handler',
    handle: async (tx, events) => {
      await keepUncertain(tx, events);
    },
  });
}
