import { isoTime, PLAN_NAMES, ROLES, text, uuid } from '@recado/contracts';
import { z } from 'zod';
import { cursorField } from '../../../edge/cursors.ts';
import { envelope, nextCursor } from '../common/schemas.ts';

export const usersEnvelope = <S extends z.ZodType>(item: S) => envelope(z.array(item)).extend({ nextCursor });

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
    usage: z.object({
      ...{ users: used, instances: used, messages: used },
      conversations: used.extend({ isCapped: z.literal(true).optional().describe('Hay más: se cuentan hasta 10.000') }),
    }),
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

export const dashboard = z
  .object({
    overview: z.object({
      totalUsers: z.number().int(),
      totalInstances: z.number().int(),
      connectedInstances: z.number().int(),
      totalMessages: z.number().int().describe('Enviados este mes: los que cuentan para el plan'),
      activeConversations: z.number().int().describe('Hasta 10.000'),
      activeConversationsIsCapped: z.literal(true).optional().describe('Hay más de los que dice `activeConversations`'),
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
