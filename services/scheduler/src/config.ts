import { baseConfig, envPort } from '@recado/service-kit';
import { z } from 'zod';

/** The scheduler's environment; nothing else here reads process.env. */
export const configSchema = z.object({
  ...baseConfig,
  PORT: envPort(3105),
  DATABASE_URL: z.string(),
  DATABASE_WORKER_URL: z.string(),
});
export type Config = z.output<typeof configSchema>;
