import { contactErased } from '@recado/contracts';
import { forgetParked } from '@recado/messaging';
import { consume } from '@recado/service';
import { eraseValues } from '../audit/store.ts';
import type { Deps } from '../deps.ts';

/** Lines about a person who was erased keep who did what and when, without what was written. */
export const consumeContactErased = (deps: Deps) =>
  consume(deps, {
    event: contactErased,
    dedupe: 'handler',
    handle: async (tx, events) => {
      for (const { tenantId, data } of events) {
        const ids = [data.contactId, ...data.conversationIds];
        await eraseValues(tx, tenantId, ids);
        await forgetParked(tx, tenantId, ids);
      }
    },
  });
