import type { Notification } from '@recado/contracts';
import { texts } from '../texts.ts';

/** Of sockets alone: this edition's document has no list of them. */
export const notificationView = (notification: Notification) => {
  const { id, kind, type, params, relatedEntityType, relatedEntityId, isRead, createdAt } = notification;
  return {
    id,
    type,
    kind,
    ...texts.notifications[kind](params),
    relatedEntityType,
    relatedEntityId,
    isRead,
    createdAt,
  };
};
