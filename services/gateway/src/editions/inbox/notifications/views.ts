import type { Notification } from '@recado/contracts';
import type { View } from '../../../edge/edition.ts';
import { upper } from '../common/views.ts';
import { texts } from '../texts.ts';
import type * as schemas from './schemas.ts';

export const notificationView = (notification: Notification): View<typeof schemas.notification> => {
  const { id, kind, type, params, relatedEntityType, relatedEntityId, isRead, createdAt } = notification;
  return {
    id,
    type: upper(type),
    kind,
    ...texts.notifications[kind](params),
    isRead,
    relatedEntityType,
    relatedEntityId,
    createdAt,
  };
};
