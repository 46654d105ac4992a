import { email, factorCode, password, uuid } from '@recado/contracts';
import { z } from 'zod';
import { FIELD } from '../texts.ts';
import { role } from '../users/schemas.ts';

export const loginBody = z.strictObject({ email: email(), password: z.string().min(1).max(256) });
export const refreshBody = z.strictObject({ refresh_token: z.string().min(1).max(512) });
export const changePasswordBody = z.strictObject({
  current_password: z.string().min(1).max(256),
  new_password: password(FIELD.shortPassword),
});

const code = factorCode().describe('Seis dígitos o un código de respaldo');

export const verifyTwoFactorBody = z.strictObject({
  code,
  challenge_token: z
    .string()
    .min(1)
    .max(512)
    .optional()
    .describe('El del 401 `TWO_FACTOR_REQUIRED` del login: con él termina el login'),
});

export const disableTwoFactorBody = z.strictObject({ password: z.string().min(1).max(256), code });

/** Of what has nothing more to say. */
export const done = z.object({ message: z.string() });

export const tokens = z
  .object({
    access_token: z.string(),
    refresh_token: z.string(),
    expires_in: z.number().int().describe('Segundos'),
  })
  .meta({ id: 'Tokens' });

export const session = tokens
  .extend({
    user: z.object({
      id: uuid(),
      email: z.string(),
      first_name: z.string(),
      last_name: z.string(),
      role,
      permissions: z.array(z.string()),
    }),
  })
  .meta({ id: 'Session' });

export const twoFactor = z
  .object({
    secret: z.string().describe('Base32'),
    qr_code: z.string().describe('PNG como data URL'),
    otpauth_url: z.string(),
    backup_codes: z.array(z.string()).describe('Cada uno vale una vez; no se muestran otra vez'),
  })
  .meta({ id: 'TwoFactor' });
