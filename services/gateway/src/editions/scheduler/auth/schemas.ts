import { email, factorCode, isoTime, uuid } from '@recado/contracts';
import { z } from 'zod';

export const loginBody = z.strictObject({
  email: email(),
  password: z.string().min(1).max(256),
  code: factorCode()
    .optional()
    .describe('Segundo factor, si el usuario lo activó: seis dígitos o un código de respaldo'),
});

const person = z
  .object({ id: uuid(), email: z.string(), name: z.string(), role: z.enum(['admin', 'user']) })
  .meta({ id: 'Person' });

/** The document shows no body for it; OAuth's names, as FastAPI has them. */
export const token = z
  .object({
    access_token: z.string(),
    token_type: z.literal('bearer'),
    expires_in: z.number().int().describe('Segundos'),
  })
  .meta({ id: 'Token' });

export const session = token.extend({ user: person }).meta({ id: 'Session' });

export const me = person
  .extend({ organization: z.object({ id: uuid(), name: z.string(), timezone: z.string() }), created_at: isoTime() })
  .meta({ id: 'Me' });
