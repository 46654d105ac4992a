import { isoTime } from '@recado/contracts';
import { z } from 'zod';

const state = z.enum(['ok', 'error']);

/** With 503 `detail` says so in the words of every error. */
export const health = z
  .object({
    status: z.enum(['ok', 'degraded', 'error']),
    timestamp: isoTime(),
    uptime_seconds: z.number().int().describe('De este gateway'),
    services: z.object({ api: state, db: state, whatsapp: state, redis: state }),
    detail: z.string().optional().describe('Solo con 503'),
  })
  .meta({ id: 'Health' });

export const dependencyHealth = z
  .object({ status: state, timestamp: isoTime(), detail: z.string().optional().describe('Solo con 503') })
  .meta({ id: 'DependencyHealth' });
