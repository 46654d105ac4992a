import { baseConfig, envInt, envPort, envUrl } from '@recado/service-kit';
import { z } from 'zod';
import { isTimeZone } from './configs/rules.ts';

/** ai-responder's environment; nothing else here reads process.env. */
export const configSchema = z.object({
  ...baseConfig,
  PORT: envPort(3104),
  DATABASE_URL: z.string(),
  DATABASE_WORKER_URL: z.string(),
  RECADO_IDENTITY_URL: envUrl().default('http://127.0.0.1:3101'),
  RECADO_CONVERSATION_URL: envUrl().default('http://127.0.0.1:3103'),
  /** Any OpenAI-compatible server. */
  RECADO_OPENAI_BASE_URL: envUrl().default('https://api.openai.com/v1'),
  RECADO_OPENAI_API_KEY: z.string().optional(),
  /** Time zone of a tenant whose business hours name none. */
  RECADO_DEFAULT_TIMEZONE: z.string().refine(isTimeZone, 'must be an IANA time zone').default('America/Lima'),
  /**
   * Models that tenants may choose, separated by commas; `*`: any. The first is the default's
   * substitute.
   */
  RECADO_AI_MODELS: z
    .string()
    .default('gpt-3.5-turbo,gpt-4,gpt-4o,gpt-4o-mini,gpt-4.1,gpt-4.1-mini,gpt-4.1-nano')
    .transform((list) =>
      list
        .split(',')
        .map((name) => name.trim())
        .filter((name) => name !== ''),
    )
    .refine((names) => names.length > 0, 'must name a model'),
  /**
   * Trials at the same time, by each copy; one tenant has one at a time. They never take the places
   * of replies.
   */
  RECADO_AI_TRIALS: envInt(4, 1, 256),
  /**
   * Milliseconds from the first message of a burst to its answer, at most. `responseDelay` is the
   * quiet time after the last one.
   */
  RECADO_AI_LONGEST_WAIT_MS: envInt(15_000, 0, 600_000),
  /** Calls of the model at the same time, by each copy. One tenant takes at most half. */
  RECADO_AI_CONCURRENCY: envInt(8, 1, 256),
});
export type Config = z.output<typeof configSchema>;
