import { baseConfig, envPort, envUrl } from '@recado/service-kit';
import { z } from 'zod';

/** Conversation's environment; nothing else here reads process.env. */
export const configSchema = z.object({
  ...baseConfig,
  PORT: envPort(3103),
  DATABASE_URL: z.string(),
  DATABASE_WORKER_URL: z.string(),
  RECADO_IDENTITY_URL: envUrl().default('http://127.0.0.1:3101'),
  RECADO_CHANNEL_CONNECTOR_URL: envUrl().default('http://127.0.0.1:3102'),
  /** `0`: messages outside a provider's reply window are accepted, and the provider decides. */
  RECADO_ENFORCE_WINDOW: z
    .enum(['0', '1', 'true', 'false'])
    .default('1')
    .transform((value) => value === '1' || value === 'true'),
});
export type Config = z.output<typeof configSchema>;
