import { messageCreated } from '@recado/contracts';
import { consume } from '@recado/service';
import type { Deps } from '../deps.ts';
import { collectMessages } from '../search/collect.ts';

/** Takes messages into the search, apart from the transaction that stores them. */
export const consumeMessageCreated = (deps: Deps) =>
  consume(deps, {
    event: messageCreated,
    dedupe: 'handler',
    batch: 512,
    handle: (tx, events) =>
      collectMessages(
        tx,
        events
          .filter(({ data: { message } }) => message.content !== '' && message.type !== 'reaction')
          .map(({ tenantId, data: { message } }) => ({ tenantId, id: message.id })),
      ),
  });
