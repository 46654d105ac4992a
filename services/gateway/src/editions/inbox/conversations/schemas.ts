import { isoTime, uuid, withCode } from '@recado/contracts';
import { z } from 'zod';
import { cursorField } from '../../../edge/cursors.ts';
import { direction, messageContact, messageType } from '../messages/schemas.ts';

export const STATUSES = ['OPEN', 'IN_PROGRESS', 'WAITING', 'CLOSED'] as const;
export const PRIORITIES = ['LOW', 'MEDIUM', 'HIGH', 'URGENT'] as const;

export const conversationParams = z.strictObject({ id: uuid() });

export const conversationsQuery = z.object({
  status: z.enum(STATUSES).optional(),
  priority: z.enum(PRIORITIES).optional(),
  assignedToId: uuid().optional(),
  search: z.string().trim().max(120).optional().describe('Nome ou telefone do contato'),
  page: z.coerce.number().int().min(1).max(10_000).default(1),
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: cursorField('pt'),
});

export const updateBody = z
  .strictObject({
    status: z.enum(STATUSES).optional(),
    priority: z.enum(PRIORITIES).optional(),
    assignedToId: uuid().nullable().optional().describe('null: espera por um atendente'),
    tagIds: z.array(uuid()).max(50).optional().describe('Estas etiquetas e nenhuma outra'),
  })
  .refine((body) => Object.values(body).some((value) => value !== undefined), withCode('no_fields'));

export const assignBody = z.strictObject({ userId: uuid().nullable().describe('null: espera por um atendente') });

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
    status: z.enum(STATUSES),
    priority: z.enum(PRIORITIES),
    assignedToId: uuid().nullable(),
    assignedTo: z.object({ id: uuid(), name: z.string(), email: z.string() }).nullable(),
    tags: z.array(z.object({ id: uuid(), name: z.string(), color: z.string() })).describe('Na ordem dos nomes'),
    lastMessageAt: isoTime().nullable(),
    closedAt: isoTime().nullable(),
    createdAt: isoTime(),
    lastMessage: z
      .object({ id: uuid(), content: z.string(), direction, type: messageType, timestamp: isoTime() })
      .nullable(),
    unreadCount: z.number().int(),
    participants: z
      .array(
        z.object({
          name: z.string().nullable(),
          phone: z.string().nullable().describe('Só dígitos'),
          isAdmin: z.boolean().optional(),
          lastMessageAt: isoTime().nullable(),
        }),
      )
      .optional()
      .describe('De um grupo, ao buscar por ID: quem participa dele'),
  })
  .meta({ id: 'Conversation' });
