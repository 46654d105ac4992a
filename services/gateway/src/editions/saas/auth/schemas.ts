import {
  email,
  factorCode,
  invitationCode,
  PLAN_NAMES,
  password,
  proofCode,
  ROLES,
  text,
  uuid,
} from '@recado/contracts';
import { z } from 'zod';

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
