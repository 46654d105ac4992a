import { messageStatus } from '@recado/contracts';
import { consume } from '@recado/service';
import type { Deps } from '../deps.ts';
import { settleByStatuses } from '../dispatches/settle.ts';

/**
 * The connector's own `message.status-changed`. Not done while the webhook is accepted, which must stay fast. Through the stream and
 * not in memory, so that a crash loses none.
 */
export const consumeMessageStatus = (deps: Deps) =>
  consume(deps, {
    event: messageStatus,
    dedupe: 'handler',
    handle: (tx, events) => settleByStatuses(tx, deps, events),
  });
