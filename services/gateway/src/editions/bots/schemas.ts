import { email, factorCode, invitationCode, isoTime, PLAN_NAMES, proofCode, uuid } from '@recado/contracts';
import { z } from 'zod';

export const success = <S extends z.ZodType>(data: S) =>
  z.object({ success: z.literal(true), message: z.string(), data });
/** Where the document shows no message. */
export const found = <S extends z.ZodType>(data: S) => z.object({ success: z.literal(true), data });
/** Where it shows nothing but one. */
export const done = z.object({ success: z.literal(true), message: z.string() });

const name = (max: number) => z.string().trim().min(2).max(max);

/** "mínimo 8 caracteres, mayúsculas, minúsculas, números, símbolos", in any alphabet. */
const newPassword = z
  .string()
  .min(8, 'La contraseña debe tener al menos 8 caracteres')
  .max(256)
  .regex(/\p{Lu}/u, 'La contraseña debe incluir una letra mayúscula')
  .regex(/\p{Ll}/u, 'La contraseña debe incluir una letra minúscula')
  .regex(/\p{Nd}/u, 'La contraseña debe incluir un número')
  .regex(/[^\p{L}\p{N}\s]/u, 'La contraseña debe incluir un símbolo');

export const registerBody = z.strictObject({
  company: z.strictObject({
    name: name(100),
    email: email(),
    plan: z.enum(['starter', 'business', 'enterprise']).default('starter'),
  }),
  admin: z.strictObject({ email: email(), password: newPassword, firstName: name(50), lastName: name(50) }),
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

export const changePasswordBody = z.strictObject({ currentPassword: z.string().min(1).max(256), newPassword });

const person = z.object({
  id: uuid(),
  email: z.string(),
  firstName: z.string(),
  lastName: z.string(),
  role: z.enum(['admin', 'manager', 'user']),
});
const company = z.object({ id: uuid(), name: z.string(), plan: z.enum(PLAN_NAMES) });
const limits = {
  maxInstances: z.number().int().nullable().describe('null: sin límite'),
  maxMessages: z.number().int().nullable().describe('Por mes; null: sin límite'),
};

export const registered = z
  .object({
    company: company.extend({ email: z.string(), ...limits, createdAt: isoTime() }),
    user: person,
    token: z.string(),
  })
  .meta({ id: 'Registration' });

export const session = z.object({ user: person.extend({ company }), token: z.string() }).meta({ id: 'Session' });

export const me = z
  .object({ user: person.extend({ lastLogin: isoTime().nullable(), company: company.extend(limits) }) })
  .meta({ id: 'Me' });

export const renewed = z.object({ token: z.string() });

const connection = z.enum(['connected', 'disconnected', 'not_configured']);

export const health = z
  .object({
    success: z.boolean(),
    data: z.object({
      status: z.enum(['OK', 'DEGRADED', 'ERROR']),
      timestamp: isoTime(),
      uptime: z.number().int().describe('Segundos de este gateway'),
      version: z.string(),
      database: connection,
      services: z.object({ evolutionApi: connection, openai: connection, redis: connection }),
    }),
    error: z
      .object({ type: z.string(), message: z.string() })
      .optional()
      .describe('Solo con 503: algo imprescindible no responde'),
  })
  .meta({ id: 'Health' });

export const systemInfo = z
  .object({
    version: z.string(),
    environment: z.enum(['development', 'production']),
    node: z.string(),
    platform: z.string(),
    memory: z
      .object({ used: z.string(), total: z.string(), percentage: z.number().int() })
      .describe('De este proceso del gateway, contra la memoria que puede usar'),
    database: z.object({
      status: connection,
      tables: z.number().int().nullable(),
      connections: z.number().int().nullable(),
    }),
    services: z.object({
      evolutionApi: z.object({ status: connection, url: z.string().nullable() }),
      openai: z.object({ status: connection, model: z.string().nullable() }),
    }),
  })
  .meta({ id: 'SystemInfo' });
