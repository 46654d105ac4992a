import { messageStatus } from '@recado/contracts';
import { consume } from '@recado/service';
import type { Deps } from '../deps.ts';
import { settleByStatuses } from '../dispatches/settle.ts';

/**
 * Settles dispatches by `message.status-changed`. Not while the webhook is accepted, which must
 * stay fast. It goes through the stream, so a crash loses none.
 */
export const consumeMessageStatus = (deps: Deps) =>
  consume(deps, {
    event: messageStatus,
    dedupe: 'handler',
    handle: (tx, events) => settleByStatuses(tx, deps, events),
  });
