import { contactErased } from '@recado/contracts';
import { forgetParked } from '@recado/messaging';
import { consume } from '@recado/service';
import type { Deps } from '../deps.ts';
import { eraseNotifications } from '../notifications/store.ts';

/** Notifications of chats with a person who was erased name them no more. */
export const consumeContactErased = (deps: Deps) =>
  consume(deps, {
    event: contactErased,
    dedupe: 'handler',
    handle: async (tx, events) => {
      const chats = events.flatMap(({ tenantId, data }) => data.conversationIds.map((id) => ({ tenantId, id })));
      if (chats.length > 0) await eraseNotifications(tx, 'conversation', chats);
      for (const { tenantId, data } of events) {
        await forgetParked(tx, tenantId, [data.contactId, ...data.conversationIds]);
      }
    },
  });
