import { isoTime, uuid } from '@recado/contracts';
import { z } from 'zod';
import { pageQuery } from '../common/schemas.ts';

export const notification = z
  .object({
    id: uuid(),
    type: z.enum(['success', 'error', 'warning', 'info']),
    title: z.string(),
    message: z.string(),
    is_read: z.boolean(),
    related_entity_type: z.string().nullable().describe('message, group, contact, channel, conversation, task, backup'),
    related_entity_id: z.string().nullable(),
    created_at: isoTime(),
  })
  .meta({ id: 'Notification' });

export const notificationsQuery = z.object({ is_read: z.enum(['true', 'false']).optional(), ...pageQuery });

export const unreadCount = z.object({ count: z.number().int() });
