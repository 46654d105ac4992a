import { email, PLAN_NAMES, uuid } from '@recado/contracts';
import { z } from 'zod';

export const success = <S extends z.ZodType>(data: S) =>
  z.object({ success: z.literal(true), message: z.string(), data });

export const loginBody = z.strictObject({ email: email(), password: z.string().min(1).max(256) });

export const session = z
  .object({
    user: z.object({
      id: uuid(),
      email: z.string(),
      firstName: z.string(),
      lastName: z.string(),
      role: z.enum(['admin', 'manager', 'user']),
      company: z.object({ id: uuid(), name: z.string(), plan: z.enum(PLAN_NAMES) }),
    }),
    token: z.string(),
  })
  .meta({ id: 'Session' });
