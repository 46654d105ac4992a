import { messageRequested } from '@recado/contracts';
import { consume } from '@recado/service';
import type { Deps } from '../deps.ts';
import { orderDispatches } from '../dispatches/order.ts';

export const consumeMessageRequested = (deps: Deps) =>
  consume(deps, {
    event: messageRequested,
    dedupe: 'handler',
    handle: (tx, events) => orderDispatches(tx, deps, events),
  });
