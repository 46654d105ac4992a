import { isoTime, uuid } from '@recado/contracts';
import { z } from 'zod';
import { cursorField } from '../../../edge/cursors.ts';

const conversationStatus = z.enum(['active', 'archived', 'closed']);

export const conversation = z
  .object({
    id: uuid(),
    contactNumber: z.string().nullable().describe('Solo dígitos; null si el cliente no muestra su teléfono'),
    contactName: z.string().nullable(),
    contactUsername: z.string().nullable().optional().describe('El de quien no muestra su teléfono'),
    isGroup: z.boolean().optional().describe('Es un grupo de WhatsApp y no una persona'),
    status: conversationStatus,
    unreadCount: z.number().int(),
    lastMessageAt: isoTime().nullable(),
  })
  .meta({ id: 'Conversation' });

export const conversationsQuery = z.object({
  status: conversationStatus.optional(),
  limit: z.coerce.number().int().min(1).max(100).default(50),
  page: z.coerce.number().int().min(1).max(10_000).default(1),
  cursor: cursorField('es'),
});
