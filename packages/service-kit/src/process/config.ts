import { z } from 'zod';
import { readPrivateKey, readPublicKeys } from '../callers/internal-keys.ts';

/** Raised by loadConfig; its message names every bad variable and never shows a value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly variables: string[];

  constructor(problems: { variable: string; message: string }[]) {
    const width = Math.max(...problems.map((p) => p.variable.length));
    const lines = problems.map((p) => `  ${p.variable.padEnd(width)}  ${p.message}`);
    super(`The configuration is not usable:\n${lines.join('\n')}`);
    this.variables = problems.map((p) => p.variable);
  }
}

/**
 * Reads the environment through a zod object. An empty variable counts as absent; others than the
 * schema's are ignored.
 * @throws ConfigError naming every bad variable
 */
export function loadConfig<S extends z.ZodObject>(
  schema: S,
  env: Record<string, string | undefined> = process.env,
): z.output<S> {
  const given: Record<string, string> = {};
  for (const name of Object.keys(schema.shape)) {
    const value = env[name];
    if (value !== undefined && value !== '') given[name] = value;
  }
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => {
    const variable = String(issue.path[0] ?? 'environment');
    const missing = issue.code === 'invalid_type' && !(variable in given);
    return { variable, message: missing ? 'is required' : issue.message };
  });
  throw new ConfigError(problems);
}

/** A TCP port; 0 takes a free one. */
export const envPort = (fallback: number) => z.coerce.number().int().min(0).max(65_535).default(fallback);

/** A whole number within bounds. */
export const envInt = (fallback: number, min: number, max: number) =>
  z.coerce.number().int().min(min).max(max).default(fallback);

/** `1` or `true` switches it on; `0`, `false` or nothing leaves it off. */
export const envFlag = () =>
  z
    .enum(['0', '1', 'true', 'false'])
    .default('0')
    .transform((value) => value === '1' || value === 'true');

/** An http(s) base URL, without a trailing slash. */
export const envUrl = () =>
  z.url({ protocol: /^https?$/, message: 'must be an http(s) URL' }).transform((value) => value.replace(/\/+$/, ''));

/** A PEM block; `\n` escapes are undone, since many places can't hold line breaks. */
export const envPem = () => z.string().transform((value) => value.replaceAll('\\n', '\n'));

/**
 * Turns what `read` throws into the variable's problem. A private key's own error may quote it, so
 * it is not shown.
 */
const explain = (read: (text: string) => unknown) => (text: string, context: z.RefinementCtx) => {
  try {
    read(text);
  } catch (error) {
    const message = read === readPrivateKey ? 'must be an Ed25519 key in PKCS8 PEM' : (error as Error).message;
    context.addIssue({ code: 'custom', message });
  }
};

/** The variables every service reads; spread it into a service's own z.object. */
export const baseConfig = {
  HOST: z.string().default('127.0.0.1'),
  PORT: envPort(0),
  LOG_FORMAT: z.enum(['json', 'pretty']).default('pretty'),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  NATS_URL: z.string().default('nats://127.0.0.1:4222'),
  REDIS_URL: z.string().default('redis://127.0.0.1:6379'),
  /** This service's own key of internal tokens: Ed25519, PKCS8 PEM. */
  RECADO_INTERNAL_KEY: envPem().superRefine(explain(readPrivateKey)),
  /** JSON: service → public key, or a list of keys while one is replaced. */
  RECADO_INTERNAL_PUBLIC_KEYS: z.string().superRefine(explain(readPublicKeys)),
  RECADO_ALLOW_PRIVATE_URLS: envFlag(),
  OTEL_EXPORTER_OTLP_ENDPOINT: z.string().optional(),
};
export type BaseConfig = z.output<z.ZodObject<typeof baseConfig>>;
