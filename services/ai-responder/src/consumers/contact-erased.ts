import { contactErased } from '@recado/contracts';
import { forgetParked } from '@recado/messaging';
import { consume } from '@recado/service';
import type { Deps } from '../deps.ts';

/** Replies hold no words here. Events that could not be handled do, so those go. */
export const consumeContactErased = (deps: Deps) =>
  consume(deps, {
    event: contactErased,
    dedupe: 'handler',
    handle: async (tx, events) => {
      for (const { tenantId, data } of events) {
        await forgetParked(tx, tenantId, [data.contactId, ...data.conversationIds]);
      }
    },
  });
