import { baseConfig, envInt, envPort, envUrl } from '@recado/service-kit';
import { z } from 'zod';

/** The only reader of the environment; README.md explains each. */
export const configSchema = z
  .object({
    ...baseConfig,
    PORT: envPort(3102),
    DATABASE_URL: z.string(),
    DATABASE_WORKER_URL: z.string(),
    RECADO_IDENTITY_URL: envUrl().default('http://127.0.0.1:3101'),
    RECADO_SECRETS_KEYS: z.string(),
    RECADO_META_GRAPH_URL: envUrl().default('https://graph.facebook.com'),
    RECADO_META_APP_ID: z.string().regex(/^\d+$/).optional(),
    RECADO_META_APP_SECRET: z.string().min(8).optional(),
    RECADO_META_VERIFY_TOKEN: z.string().min(1).optional(),
    /** Milliseconds a try of a webhook to a tenant's address may take. */
    RECADO_WEBHOOK_TIMEOUT_MS: envInt(15_000, 100, 30_000),
    /** How providers reach the gateway: webhooks are registered there. */
    RECADO_PUBLIC_URL: envUrl().default('http://localhost:3000'),
    /** The installation's own servers, for tenants that bring none. */
    RECADO_EVOLUTION_URL: envUrl().optional(),
    RECADO_EVOLUTION_KEY: z.string().min(1).optional(),
    RECADO_WPPCONNECT_URL: envUrl().optional(),
    RECADO_WPPCONNECT_SECRET: z.string().min(1).optional(),
    /** Where files are: `file:///…`, or `s3://bucket/prefix?endpoint=…&region=…`. */
    RECADO_MEDIA_URL: z
      .string()
      .regex(/^(file|s3):\/\//, 'must begin with file:// or s3://')
      .default('file:///var/lib/recado/media'),
    /** A folder for files on their way; by default beside the files, or the system's for S3. */
    RECADO_MEDIA_SPOOL: z.string().min(1).optional(),
    /** For S3: `<access key id>:<secret access key>`. */
    RECADO_MEDIA_S3_KEY: z
      .string()
      .regex(/^[^:]+:.+$/)
      .optional(),
    /** Multiplies what numbers may receive by their plan; the gateway's own limits too. */
    RECADO_RATE_LIMIT_FACTOR: z.coerce.number().positive().max(1_000_000).default(1),
    /** Milliseconds a send may take. */
    RECADO_SEND_TIMEOUT_MS: envInt(10_000, 100, 60_000),
    /** Milliseconds after which the owner of a send counts as dead; more than the send may take. */
    RECADO_SEND_LEASE_MS: envInt(30_000, 200, 600_000),
    /** Sends under way at once in this process. */
    RECADO_SEND_CONCURRENCY: envInt(512, 1, 2000),
    /** Refusals that can pass, before the message fails. */
    RECADO_SEND_MAX_TRIES: envInt(12, 1, 100),
    /** Milliseconds after which a message that could not go out fails. */
    RECADO_SEND_MAX_AGE_MS: envInt(24 * 3600 * 1000, 1000, 2_000_000_000),
    /** Milliseconds of the first pause between tries; it doubles up to 5 minutes. */
    RECADO_SEND_BACKOFF_MS: envInt(1000, 1, 600_000),
    /**
     * Milliseconds an uncertain message waits for its status webhook before it is shown as failed.
     */
    RECADO_UNCERTAIN_AFTER_MS: envInt(600_000, 100, 2_000_000_000),
    /**
     * Milliseconds between looks for dead owners, overdue uncertain messages and ailing channels.
     */
    RECADO_SWEEP_MS: envInt(2000, 50, 600_000),
  })
  .refine((config) => !config.RECADO_MEDIA_URL.startsWith('s3:') || config.RECADO_MEDIA_S3_KEY !== undefined, {
    path: ['RECADO_MEDIA_S3_KEY'],
    message: 'is needed with an s3:// RECADO_MEDIA_URL',
  })
  .refine((config) => config.RECADO_SEND_LEASE_MS > config.RECADO_SEND_TIMEOUT_MS, {
    path: ['RECADO_SEND_LEASE_MS'],
    message: 'must be longer than RECADO_SEND_TIMEOUT_MS',
  });
export type Config = z.output<typeof configSchema>;
