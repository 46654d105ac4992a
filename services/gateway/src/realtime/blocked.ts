import type { Lookups, RealtimeEvent } from './types.ts';

/**
 * Whether sockets show an event at all. Chats of a blocked contact are in no list, so of them only
 * that they leave is shown.
 */
export async function isShown(event: RealtimeEvent, lookups: Pick<Lookups, 'conversations'>): Promise<boolean> {
  switch (event.name) {
    case 'message.created':
      return event.data.contact.isBlocked !== true;
    case 'conversation.created':
      return !isBlocked(event.data.conversation);
    case 'conversation.updated':
      return !isBlocked(event.data.conversation) || event.data.changed.includes('blocked');
    case 'message.updated': {
      const { conversationId, change } = event.data;
      // A status of ours says nothing of the customer; what they made of their words does.
      if (!change) return true;
      const conversation = (await lookups.conversations(event.tenantId, [conversationId])).get(conversationId);
      return conversation === undefined || !isBlocked(conversation);
    }
    default:
      return true;
  }
}

const isBlocked = ({ contact }: { contact: { blockedAt?: string | null | undefined } }): boolean =>
  (contact.blockedAt ?? null) !== null;
