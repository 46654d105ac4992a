import { type EventData, messageCreated } from '@recado/contracts';
import type { Delivered } from '@recado/messaging';
import { consume } from '@recado/service';
import type { Deps } from '../deps.ts';
import { type Occurrence, orderRules } from '../rules/occur.ts';
import { collectMessages } from '../search/collect.ts';
import { lookAtClocks } from '../sla/look.ts';

/** What rules may run for. */
const receivedIn = ({ id, tenantId, data }: Delivered<EventData<typeof messageCreated>>): Occurrence[] => {
  const { author, type, id: messageId, conversationId } = data.message;
  if (author !== 'contact' || type === 'reaction' || data.contact.isBlocked) return [];
  return [{ tenantId, event: 'message.received', eventId: id, conversationId, messageId }];
};

/** Takes messages into the search and starts or ends clocks, apart from what stores messages. */
export const consumeMessageCreated = (deps: Deps) =>
  consume(deps, {
    event: messageCreated,
    dedupe: 'handler',
    batch: 512,
    async handle(tx, events) {
      await collectMessages(
        tx,
        events
          .filter(({ data: { message } }) => message.content !== '' && message.type !== 'reaction')
          .map(({ tenantId, data: { message } }) => ({ tenantId, id: message.id })),
      );
      const turns = events.filter(({ data: { message } }) => message.author === 'contact' || message.author === 'user');
      const keys = turns.map(({ tenantId, data }) => ({ tenantId, id: data.conversation.id }));
      await lookAtClocks(tx, deps, keys, deps.now());
      await orderRules(tx, events.flatMap(receivedIn));
    },
  });
