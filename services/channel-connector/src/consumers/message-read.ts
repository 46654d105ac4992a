import { messageRead } from '@recado/contracts';
import { consume } from '@recado/service';
import type { Deps } from '../deps.ts';
import { orderReceipts } from '../receipts/order.ts';

/** Repeats are absorbed: only a later message than the one known orders a receipt. */
export const consumeMessageRead = (deps: Deps) =>
  consume(deps, {
    event: messageRead,
    dedupe: 'handler',
    handle: (tx, events) => orderReceipts(tx, deps, events),
  });
