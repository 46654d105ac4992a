import { isoTime, uuid } from '@recado/contracts';
import { z } from 'zod';
import { direction, messageContact, messageType } from '../messages/schemas.ts';

export const conversation = z
  .object({
    id: uuid(),
    tenantId: uuid(),
    contactId: uuid(),
    contact: messageContact.extend({
      email: z.string().nullable(),
      profilePictureUrl: z.string().nullable(),
      createdAt: isoTime(),
    }),
    status: z.enum(['OPEN', 'IN_PROGRESS', 'WAITING', 'CLOSED']),
    priority: z.enum(['LOW', 'MEDIUM', 'HIGH', 'URGENT']),
    assignedToId: uuid().nullable(),
    assignedTo: z.object({ id: uuid(), name: z.string(), email: z.string() }).nullable(),
    tags: z.array(z.object({ id: uuid(), name: z.string(), color: z.string() })),
    lastMessageAt: isoTime().nullable(),
    closedAt: isoTime().nullable(),
    createdAt: isoTime(),
    lastMessage: z
      .object({ id: uuid(), content: z.string(), direction, type: messageType, timestamp: isoTime() })
      .nullable(),
    unreadCount: z.number().int(),
  })
  .meta({ id: 'Conversation' });
