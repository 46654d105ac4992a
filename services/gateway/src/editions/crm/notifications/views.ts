import type { Notification } from '@recado/contracts';
import type { View } from '../../../edge/edition.ts';
import { entityTypeView } from '../common/vocabulary.ts';
import { texts } from '../texts.ts';
import type * as schemas from './schemas.ts';

export const notificationView = (notification: Notification): View<typeof schemas.notification> => {
  const { id, kind, type, params, isRead, relatedEntityType, relatedEntityId, createdAt } = notification;
  return {
    id,
    type,
    kind,
    ...texts.notifications[kind](params),
    is_read: isRead,
    related_entity_type: relatedEntityType && entityTypeView(relatedEntityType),
    related_entity_id: relatedEntityId,
    created_at: createdAt,
  };
};
