import type { Contact, Conversation } from '@recado/contracts';
import type { View } from '../../../edge/edition.ts';
import { digits } from '../instances/views.ts';
import type * as schemas from './schemas.ts';

/** `archived` is a flag inside; everything not closed is `active`. */
export const conversationStatus = ({ archived, status }: Pick<Conversation, 'archived' | 'status'>) =>
  archived ? 'archived' : status === 'closed' ? 'closed' : 'active';

export const conversationView = (conversation: Conversation): View<typeof schemas.conversation> => ({
  id: conversation.id,
  ...contactView(conversation.contact),
  status: conversationStatus(conversation),
  unreadCount: conversation.unreadCount,
  lastMessageAt: conversation.lastMessageAt,
});

export const contactView = ({
  phone,
  name,
  username,
  isGroup,
}: Pick<Contact, 'phone' | 'name' | 'username' | 'isGroup'>) => ({
  contactNumber: digits(phone),
  contactName: name,
  contactUsername: username,
  isGroup,
});
