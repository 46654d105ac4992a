import { contactErased } from '@recado/contracts';
import { forgetParked } from '@recado/messaging';
import { consume } from '@recado/service';
import type { Deps } from '../deps.ts';
import { eraseDispatches } from '../dispatches/erase.ts';
import { eraseReceipts } from '../receipts/store.ts';

/** What was sent to a person who was erased: words and addresses go, times and states stay. */
export const consumeContactErased = (deps: Deps) =>
  consume(deps, {
    event: contactErased,
    dedupe: 'handler',
    handle: async (tx, events) => {
      for (const { tenantId, data } of events) {
        await eraseDispatches(tx, tenantId, data.messages, deps.now());
        if (data.conversationIds.length > 0) await eraseReceipts(tx, tenantId, data.conversationIds);
        await forgetParked(tx, tenantId, [data.contactId, ...data.conversationIds]);
      }
    },
  });
