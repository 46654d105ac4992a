import {
  CHANNEL_STATUSES,
  email,
  factorCode,
  invitationCode,
  isoTime,
  MESSAGE_STATUSES,
  MESSAGE_TYPES,
  PLAN_NAMES,
  password,
  proofCode,
  ROLES,
  text,
  uuid,
} from '@recado/contracts';
import { z } from 'zod';
import { cursorField, nextCursorField } from '../../edge/cursors.ts';

/** This edition's envelope. */
export const envelope = <S extends z.ZodType>(data: S) => z.object({ message: z.string(), data });
export const listEnvelope = <S extends z.ZodType>(item: S) =>
  z.object({ message: z.string(), data: z.array(item), total: z.number().int() });

const nextCursor = nextCursorField('es');
/** Of lists that can be walked. */
export const walkedEnvelope = <S extends z.ZodType>(item: S) => listEnvelope(item).extend({ nextCursor });
export const usersEnvelope = <S extends z.ZodType>(item: S) => envelope(z.array(item)).extend({ nextCursor });

export const registerBody = z.strictObject({
  email: email(),
  password: password(),
  name: text(120),
  organizationName: text(120),
  invitation: invitationCode().optional().describe('Código del operador; solo donde el registro es por invitación'),
});
export const confirmBody = z.strictObject({
  token: z.string().min(1).max(128).optional().describe('Del enlace del correo; no hace falta iniciar sesión'),
  code: proofCode().optional().describe('Los ocho dígitos del correo; con la sesión iniciada'),
});

export const loginBody = z.strictObject({
  email: email(),
  password: z.string().min(1).max(256),
  code: factorCode()
    .optional()
    .describe('Segundo factor, si el usuario lo activó: seis dígitos o un código de respaldo'),
});
export const changePasswordBody = z.strictObject({
  currentPassword: z.string().min(1).max(256),
  newPassword: password(),
});
/** Of what has nothing more to say. */
export const done = z.object({ message: z.string() });
export const refreshBody = z.strictObject({ refreshToken: z.string().min(1).max(512) });

export const tokens = z
  .object({ accessToken: z.string(), refreshToken: z.string(), expiresIn: z.number().int().describe('Segundos') })
  .meta({ id: 'Tokens' });

export const profile = z
  .object({
    id: uuid(),
    email: z.string(),
    name: z.string(),
    role: z.enum(ROLES),
    tenantId: uuid(),
    tenant: z.object({
      id: uuid(),
      name: z.string(),
      plan: z.enum(PLAN_NAMES),
      status: z.enum(['active', 'suspended']),
    }),
  })
  .meta({ id: 'Profile' });

export const tenant = z
  .object({
    id: uuid(),
    name: z.string(),
    plan: z.enum(PLAN_NAMES),
    status: z.enum(['active', 'suspended']),
    settings: z.record(z.string(), z.unknown()),
    limits: z.object({
      maxUsers: z.number().nullable(),
      maxInstances: z.number().nullable(),
      maxMessages: z.number().nullable(),
      maxConversations: z.number().nullable(),
    }),
  })
  .meta({ id: 'Tenant' });

export const updateTenantBody = z.strictObject({
  name: text(120).optional(),
  settings: z
    .looseObject({
      timezone: z.string().max(64).optional().describe('Nombre IANA; decide los días y el horario de atención'),
      country: z
        .string()
        .max(8)
        .nullable()
        .optional()
        .describe(
          'ISO 3166 de dos letras: el país en que se leen los teléfonos sin código de país; null: el de la zona horaria',
        ),
      language: z.enum(['es', 'pt', 'en']).optional(),
    })
    .optional()
    .describe('Se combinan clave por clave con las que hay; null quita una'),
});

const used = z.object({
  current: z.number().int(),
  limit: z.number().int().nullable().describe('null: sin límite'),
  percentage: z.number().int(),
});
export const usage = z
  .object({
    tenant: z.object({ id: uuid(), name: z.string(), plan: z.enum(PLAN_NAMES) }),
    usage: z.object({ users: used, instances: used, messages: used, conversations: used }),
    period: z.object({ start: isoTime(), end: isoTime() }).describe('El mes en la zona horaria del tenant'),
  })
  .meta({ id: 'TenantUsage' });

export const tenantUser = z
  .object({
    id: uuid(),
    email: z.string(),
    name: z.string(),
    role: z.enum(ROLES),
    isActive: z.boolean(),
    lastLoginAt: isoTime().nullable(),
  })
  .meta({ id: 'TenantUser' });
export const usersQuery = z.object({
  page: z.coerce.number().int().min(1).max(10_000).optional(),
  limit: z.coerce.number().int().min(1).max(100).optional(),
  cursor: cursorField('es'),
});

const windows = z.object({ minute: z.number(), hour: z.number(), day: z.number(), month: z.number() });
export const requestUsage = z
  .object({ usage: windows, limits: windows, percentages: windows.describe('Con un decimal') })
  .meta({ id: 'RequestUsage' });

export const dashboard = z
  .object({
    overview: z.object({
      totalUsers: z.number().int(),
      totalInstances: z.number().int(),
      connectedInstances: z.number().int(),
      totalMessages: z.number().int().describe('Enviados este mes: los que cuentan para el plan'),
      activeConversations: z.number().int(),
    }),
    messageChart: z.array(
      z.object({
        date: z.string().describe('El día, en la zona horaria del tenant'),
        count: z.number().int(),
        direction: z.enum(['inbound', 'outbound']),
      }),
    ),
  })
  .meta({ id: 'Dashboard' });

export const instance = z
  .object({
    id: uuid(),
    name: z.string(),
    instanceKey: z.string(),
    status: z.enum(CHANNEL_STATUSES),
    statusReason: z.string().nullable().describe('Por qué no está conectada'),
    phoneNumber: z.string().nullable().describe('Solo dígitos'),
    lastConnectionAt: isoTime().nullable(),
    settings: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'Instance' });

export const instanceParams = z.strictObject({ instanceId: uuid() });
export const conversationParams = z.strictObject({ conversationId: uuid() });

export const sendBody = z.strictObject({
  to: z.string().trim().min(5).max(32).describe('Teléfono; sin código de país se lee en el país de la organización'),
  text: text(4096),
});

const conversationStatus = z.enum(['active', 'archived', 'closed']);

export const conversation = z
  .object({
    id: uuid(),
    contactNumber: z.string().nullable().describe('Solo dígitos; null si el cliente no muestra su teléfono'),
    contactName: z.string().nullable(),
    status: conversationStatus,
    unreadCount: z.number().int(),
    lastMessageAt: isoTime().nullable(),
  })
  .meta({ id: 'Conversation' });

export const message = z
  .object({
    id: uuid(),
    content: z.string(),
    type: z.enum(MESSAGE_TYPES),
    direction: z.enum(['inbound', 'outbound']),
    status: z.enum(MESSAGE_STATUSES),
    aiContext: z.object({ generatedByAI: z.literal(true), model: z.string().nullable() }).nullable(),
    createdAt: isoTime(),
  })
  .meta({ id: 'Message' });

export const queued = z.object({
  message,
  conversation: z.object({ id: uuid(), contactNumber: z.string().nullable(), contactName: z.string().nullable() }),
  job: z.object({ id: z.string(), status: z.literal('queued') }),
});

export const conversationsQuery = z.object({
  status: conversationStatus.optional(),
  limit: z.coerce.number().int().min(1).max(100).default(50),
  page: z.coerce.number().int().min(1).max(10_000).default(1),
  cursor: cursorField('es'),
});
export const messagesQuery = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(50),
  offset: z.coerce.number().int().min(0).max(1_000_000).default(0),
  cursor: cursorField('es'),
});

export const realtimeMetrics = z
  .object({
    messagessentToday: z.number().int().describe('Con la grafía de este documento; messagesSentToday dice lo mismo'),
    messagesSentToday: z.number().int(),
    messagesReceivedToday: z.number().int(),
    failedMessagesToday: z.number().int(),
    aiMessagesToday: z.number().int(),
    conversationsOpenedToday: z.number().int(),
    activeConversations: z.number().int(),
    messagesLastHour: z.number().int(),
    date: z.string().describe('El día, en la zona horaria del tenant'),
    timezone: z.string(),
    lastUpdated: isoTime(),
  })
  .meta({ id: 'RealtimeMetrics' });

const state = z.enum(['ok', 'error', 'not_configured']);
export const health = z
  .object({
    statusCode: z.number().int(),
    status: z.enum(['ok', 'degraded', 'error']),
    timestamp: isoTime(),
    services: z.object({ api: state, database: state, redis: state, evolution: state, openai: state }),
    details: z.object({
      database: z.object({ connected: z.boolean() }),
      redis: z.object({ connected: z.boolean() }),
      evolution: z.object({ connected: z.boolean(), instances: z.number().int() }),
      openai: z.object({ configured: z.boolean() }),
    }),
  })
  .meta({ id: 'Health' });

export const about = z
  .object({
    name: z.string(),
    version: z.string(),
    description: z.string(),
    documentation: z.string(),
    health: z.string(),
    timestamp: isoTime(),
  })
  .meta({ id: 'About' });
