import { baseConfig, envInt, envPort } from '@recado/service-kit';
import { z } from 'zod';

/** Analytics' environment; nothing else here reads process.env. */
export const configSchema = z.object({
  ...baseConfig,
  PORT: envPort(3106),
  DATABASE_URL: z.string(),
  DATABASE_WORKER_URL: z.string(),
  /** Time zone of a tenant whose own is not known yet. */
  RECADO_DEFAULT_TIMEZONE: z.string().default('America/Lima'),
  /** Days a line of the audit log is kept. */
  RECADO_AUDIT_DAYS: envInt(365, 1, 36_500),
});
export type Config = z.output<typeof configSchema>;
