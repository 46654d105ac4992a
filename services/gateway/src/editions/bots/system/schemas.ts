import { isoTime } from '@recado/contracts';
import { z } from 'zod';

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
