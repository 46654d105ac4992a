import type { Access } from '@recado/service-kit';

/**
 * What a frame takes, by what it shows: the permissions of the routes that show the same. A frame
 * that shows what two routes show takes what both take.
 */
export const NEEDS = {
  /** `GET /chats`. */
  conversation: { permissions: ['chats.read'] },
  /** `GET /chats/:id/messages`: no more than the message. */
  message: { permissions: ['messages.read'] },
  /** A message beside its customer or its chat. */
  messageInChat: { permissions: ['messages.read', 'chats.read'] },
  /** `GET /boards/:id/stages/:stageId/cards`, of chats and of contacts. */
  boardOfChats: { permissions: ['chats.read'] },
  boardOfContacts: { permissions: ['chats.read', 'contacts.read'] },
  /** `GET /whatsapp-numbers`. */
  channel: { permissions: ['whatsapp.numbers.read'] },
  /** `GET /whatsapp-numbers/:id/qr`. */
  channelCode: { permissions: ['whatsapp.numbers.manage'] },
} as const satisfies Record<string, Access>;

/** One's own, as `GET /notifications`. */
export const needsPerson = (userId: string | null): Access => ({ permissions: [], person: userId });
