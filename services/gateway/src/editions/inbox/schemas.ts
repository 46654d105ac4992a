import { email, isoTime, slug, uuid } from '@recado/contracts';
import { z } from 'zod';

export const loginBody = z.strictObject({ email: email(), password: z.string().min(1).max(256) });

export const session = z
  .object({
    user: z.object({
      id: uuid(),
      email: z.string(),
      name: z.string(),
      role: z.enum(['ADMIN', 'SUPERVISOR', 'AGENT']),
      tenantId: uuid(),
    }),
    token: z.string(),
    tenant: z.object({ id: uuid(), slug: slug(), name: z.string() }),
  })
  .meta({ id: 'Session' });

const direction = z.enum(['INBOUND', 'OUTBOUND']);
const messageType = z.string().describe('TEXT, IMAGE, VIDEO, AUDIO, DOCUMENT, TEMPLATE, INTERACTIVE …');

export const messageContact = z.object({
  id: uuid(),
  phoneNumber: z.string().nullable().describe('Só dígitos'),
  name: z.string().nullable(),
});

export const message = z
  .object({
    id: uuid(),
    whatsappMessageId: z.string().nullable(),
    direction,
    type: messageType,
    content: z.string(),
    metadata: z.record(z.string(), z.unknown()).nullable(),
    status: z.enum(['SENT', 'DELIVERED', 'READ', 'FAILED']),
    sentById: uuid().nullable(),
    timestamp: isoTime(),
    createdAt: isoTime(),
  })
  .meta({ id: 'Message' });

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
