import { email, uuid } from '@recado/contracts';
import { z } from 'zod';

export const loginBody = z.strictObject({ email: email(), password: z.string().min(1).max(256) });

/** The document shows no body for it; OAuth's names, as FastAPI has them. */
export const session = z
  .object({
    access_token: z.string(),
    token_type: z.literal('bearer'),
    expires_in: z.number().int().describe('Segundos'),
    user: z.object({ id: uuid(), email: z.string(), name: z.string(), role: z.enum(['admin', 'user']) }),
  })
  .meta({ id: 'Session' });
