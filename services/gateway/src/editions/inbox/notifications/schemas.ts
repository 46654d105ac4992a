import { isoTime, uuid } from '@recado/contracts';
import { z } from 'zod';
import { cursorField } from '../../../edge/cursors.ts';

export const notification = z
  .object({
    id: uuid(),
    type: z.enum(['SUCCESS', 'ERROR', 'WARNING', 'INFO']),
    kind: z.string().describe('channel.lost, conversation.assigned …'),
    title: z.string(),
    message: z.string(),
    isRead: z.boolean(),
    relatedEntityType: z.string().nullable(),
    relatedEntityId: z.string().nullable(),
    createdAt: isoTime(),
  })
  .meta({ id: 'Notification' });

export const notificationsQuery = z.object({
  unread: z.enum(['true', 'false']).optional().describe('true: só as não lidas'),
  page: z.coerce.number().int().min(1).max(10_000).default(1),
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: cursorField('pt'),
});

export const notificationParams = z.strictObject({ id: uuid() });
