import { isoTime } from '@recado/contracts';
import { z } from 'zod';

const state = z.enum(['ok', 'error']);
const measuredState = z
  .enum(['ok', 'error', 'unknown'])
  .describe('`unknown`: todavía no se ha medido, por ejemplo justo después de arrancar');

/** With 503 `detail` says so in the words of every error. */
export const health = z
  .object({
    status: z.enum(['ok', 'degraded', 'error']),
    timestamp: isoTime(),
    uptime_seconds: z.number().int().describe('De este gateway'),
    services: z.object({ api: state, db: state, whatsapp: measuredState, redis: state }),
    detail: z.string().optional().describe('Solo con 503'),
  })
  .meta({ id: 'Health' });

export const dependencyHealth = z
  .object({ status: state, timestamp: isoTime(), detail: z.string().optional().describe('Solo con 503') })
  .meta({ id: 'DependencyHealth' });

/** Numbers have states of their own: `whatsapp_status` tells them to who may see them. */
export const whatsappHealth = dependencyHealth
  .extend({
    status: measuredState,
    providers: z.array(
      z.object({ name: z.string(), status: state, response_time_ms: z.number().nullable().describe('La última vez') }),
    ),
  })
  .meta({ id: 'WhatsappHealth' });
