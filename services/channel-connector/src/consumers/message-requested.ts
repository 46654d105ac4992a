import { messageBulkRequested, messageRequested } from '@recado/contracts';
import { consume } from '@recado/service';
import type { Deps } from '../deps.ts';
import { orderDispatches } from '../dispatches/order.ts';

/** Bulk messages in one transaction: a longer one would keep the database from replies. */
const BULK_BATCH = 64;

export const consumeMessageRequested = (deps: Deps) =>
  consume(deps, {
    event: messageRequested,
    dedupe: 'handler',
    concurrency: 2,
    handle: (tx, events) => orderDispatches(tx, deps, events),
  });

export const consumeMessageBulkRequested = (deps: Deps) =>
  consume(deps, {
    event: messageBulkRequested,
    dedupe: 'handler',
    batch: BULK_BATCH,
    concurrency: 2,
    handle: (tx, events) => orderDispatches(tx, deps, events),
  });
