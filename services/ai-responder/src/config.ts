import { baseConfig, envInt, envPort, envUrl } from '@recado/service-kit';
import { z } from 'zod';
import { isTimeZone } from './configs/rules.ts';

/** ai-responder's environment; nothing else here reads process.env. */
export const configSchema = z.object({
  ...baseConfig,
  PORT: envPort(3104),
  DATABASE_URL: z.string(),
  DATABASE_WORKER_URL: z.string(),
  RECADO_CONVERSATION_URL: envUrl().default('http://127.0.0.1:3103'),
  /** Any OpenAI-compatible server. */
  RECADO_OPENAI_BASE_URL: envUrl().default('https://api.openai.com/v1'),
  RECADO_OPENAI_API_KEY: z.string().optional(),
  /** Time zone of a tenant whose business hours name none. */
  RECADO_DEFAULT_TIMEZONE: z.string().refine(isTimeZone, 'must be an IANA time zone').default('America/Lima'),
  /** Calls of the model at the same time, by each copy. One tenant takes at most half. */
  RECADO_AI_CONCURRENCY: envInt(8, 1, 256),
});
export type Config = z.output<typeof configSchema>;
