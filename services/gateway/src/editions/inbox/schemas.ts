import { email, factorCode, invitationCode, isoTime, password, proofCode, slug, text, uuid } from '@recado/contracts';
import { z } from 'zod';
import { cursorField, nextCursorField } from '../../edge/cursors.ts';

export const loginBody = z.strictObject({
  email: email(),
  password: z.string().min(1).max(256),
  code: factorCode().optional().describe('Segundo fator, se o usuário o ativou: seis dígitos ou um código de backup'),
});

export const registerBody = z.strictObject({
  tenantName: text(120),
  tenantSlug: slug(),
  userName: text(120),
  email: email(),
  password: password(),
  invitation: invitationCode().optional().describe('Código do operador; só onde o cadastro é por convite'),
});

export const confirmBody = z.strictObject({
  token: z.string().min(1).max(128).optional().describe('Do link do e-mail; não é preciso entrar'),
  code: proofCode().optional().describe('Os oito dígitos do e-mail; com a sessão iniciada'),
});

export const changePasswordBody = z.strictObject({
  currentPassword: z.string().min(1).max(256),
  newPassword: password(),
});

/** Of what has nothing more to say. */
export const done = z.object({ message: z.string() });

export const me = z
  .object({
    user: z.object({
      id: uuid(),
      email: z.string(),
      name: z.string(),
      role: z.enum(['ADMIN', 'SUPERVISOR', 'AGENT']),
      tenantId: uuid(),
    }),
    tenant: z.object({ id: uuid(), slug: slug(), name: z.string() }),
  })
  .meta({ id: 'Me' });

export const session = me.extend({ token: z.string() }).meta({ id: 'Session' });

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

export const paged = <S extends z.ZodType>(item: S) =>
  z.object({
    data: z.array(item),
    pagination: z.object({
      page: z.number().int(),
      limit: z.number().int(),
      total: z.number().int(),
      pages: z.number().int(),
      nextCursor: nextCursorField('pt'),
    }),
  });

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
