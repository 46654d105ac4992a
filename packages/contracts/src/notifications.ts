import { z } from 'zod';
import { isoTime, uuid } from './primitives.ts';

/**
 * The one table of notifications and their severity. Editions write titles and texts in their
 * language, from the kind and its params.
 */
export const NOTIFICATION_KINDS = {
  'channel.lost': 'error',
  'channel.restored': 'success',
  'channel.limited': 'warning',
  'webhook.disabled': 'error',
  'template.rejected': 'error',
  'template.paused': 'warning',
  'template.category': 'warning',
  'channel.alerted': 'warning',
  'conversation.assigned': 'info',
  'sla.warned': 'warning',
  'sla.breached': 'error',
  'broadcast.finished': 'success',
  'broadcast.failed': 'error',
  'task.reminder': 'info',
  'task.due': 'warning',
  'backup.finished': 'success',
  'backup.failed': 'error',
  'import.finished': 'success',
  'import.failed': 'error',
  'scheduled-message.failed': 'error',
  'note.mentioned': 'info',
} as const satisfies Record<string, 'success' | 'error' | 'warning' | 'info'>;
export type NotificationKind = keyof typeof NOTIFICATION_KINDS;
const KINDS = Object.keys(NOTIFICATION_KINDS) as [NotificationKind, ...NotificationKind[]];

export const notification = z
  .object({
    id: uuid(),
    userId: uuid(),
    kind: z.enum(KINDS),
    type: z.enum(['success', 'error', 'warning', 'info']),
    /**
     * What the kind's sentence names: `channel.lost` { name, phone, reason },
     * `conversation.assigned` { contactName } …
     */
    params: z.record(z.string(), z.union([z.string(), z.number(), z.null()])),
    relatedEntityType: z
      .string()
      .nullable()
      .describe('channel, template, webhook_endpoint, conversation, broadcast, task, backup, import'),
    relatedEntityId: z.string().nullable(),
    isRead: z.boolean(),
    createdAt: isoTime(),
  })
  .meta({ id: 'Notification' });
export type Notification = z.infer<typeof notification>;
