import { isoTime } from '@recado/contracts';
import { z } from 'zod';

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
      evolution: z.object({
        connected: z.boolean(),
        instances: z.number().int().nullable().describe('null: cada empresa ve las suyas'),
      }),
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
