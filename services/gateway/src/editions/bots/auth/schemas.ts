import { email, factorCode, invitationCode, isoTime, PLAN_NAMES, proofCode, uuid } from '@recado/contracts';
import { z } from 'zod';
import { PASSWORD } from '../texts.ts';

const name = (max: number) => z.string().trim().min(2).max(max);

/** "mínimo 8 caracteres, mayúsculas, minúsculas, números, símbolos", in any alphabet. */
const newPassword = z
  .string()
  .min(8, PASSWORD.tooShort)
  .max(256)
  .regex(/\p{Lu}/u, PASSWORD.noUpperCase)
  .regex(/\p{Ll}/u, PASSWORD.noLowerCase)
  .regex(/\p{Nd}/u, PASSWORD.noDigit)
  .regex(/[^\p{L}\p{N}\s]/u, PASSWORD.noSymbol);

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
