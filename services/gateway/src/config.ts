import { hkdfSync } from 'node:crypto';
import { isIP } from 'node:net';
import {
  baseConfig,
  createInternalTokens,
  envInt,
  envPort,
  envUrl,
  type InternalTokens,
  loadConfig,
  type ProcessConfig,
} from '@recado/service-kit';
import { z } from 'zod';
import { type HostPrefixes, parseEditionHosts } from './edge/server/hosts.ts';

const list = () =>
  z
    .string()
    .default('')
    .transform((text) =>
      text
        .split(',')
        .map((item) => item.trim())
        .filter(Boolean),
    );

/** An address or a network: `10.0.0.5`, `172.16.0.0/12`, `fd00::/8`. */
function isNetwork(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const version = isIP(address);
  if (version === 0 || more.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128));
}

const serviceUrl = (port: number) => envUrl().default(`http://127.0.0.1:${port}`);

export const configSchema = z.object({
  ...baseConfig,
  PORT: envPort(3000),
  RECADO_IDENTITY_URL: serviceUrl(3101),
  RECADO_CHANNEL_CONNECTOR_URL: serviceUrl(3102),
  RECADO_CONVERSATION_URL: serviceUrl(3103),
  RECADO_AI_RESPONDER_URL: serviceUrl(3104),
  RECADO_SCHEDULER_URL: serviceUrl(3105),
  RECADO_ANALYTICS_URL: serviceUrl(3106),
  /** How the outside reaches this gateway; webhook URLs are built from it. */
  RECADO_PUBLIC_URL: envUrl().optional(),
  EDITION_HOSTS: z.string().default(''),
  RECADO_CORS_ORIGINS: list(),
  RECADO_TRUSTED_PROXIES: list().refine((items) => items.every(isNetwork), {
    message: 'must be addresses or networks, comma-separated: 10.0.0.5,172.16.0.0/12',
  }),
  /** Multiplies every limit of the gateway: the plans' windows, people's paces, addresses. */
  RECADO_RATE_LIMIT_FACTOR: z.coerce.number().positive().max(1_000_000).default(1),
  /** An office behind one address logs in at nine. */
  RECADO_ADDRESS_REQUESTS_PER_MINUTE: envInt(300, 1, 1_000_000),
  /** Open connections, of all clients and of one address; sockets count too. */
  RECADO_MAX_CONNECTIONS: envInt(20_000, 1, 1_000_000),
  RECADO_MAX_CONNECTIONS_PER_ADDRESS: envInt(5_000, 1, 1_000_000),
  /**
   * Bytes of bodies that are being read, of all clients and of one address; one webhook may have 3
   * MiB.
   */
  RECADO_MAX_UPLOAD_BYTES: envInt(64 * 1024 * 1024, 4 * 1024 * 1024, 2_000_000_000),
  RECADO_MAX_UPLOAD_BYTES_PER_ADDRESS: envInt(16 * 1024 * 1024, 4 * 1024 * 1024, 2_000_000_000),
  RECADO_METRICS_TOKEN: z.string().min(16).optional(),
  /** Whether a model is configured; the key itself stays with ai-responder. */
  RECADO_OPENAI_API_KEY: z.string().optional(),
  RECADO_ENV: z.enum(['development', 'production']).default('production'),
});

/** The gateway's configuration, as its parts read it. */
export interface GatewayConfig extends ProcessConfig {
  environment: 'development' | 'production';
  natsUrl: string;
  redisUrl: string;
  tokens: InternalTokens;
  services: Record<'identity' | 'connector' | 'conversation' | 'aiResponder' | 'scheduler' | 'analytics', string>;
  publicUrl: string;
  /** Signs links to files; every copy of the gateway has the same. */
  mediaKey: Buffer;
  hosts: HostPrefixes;
  corsOrigins: (string | RegExp)[];
  trustedProxies: string[];
  limits: {
    factor: number;
    /** Log-ins, registrations and the like, of one address. */
    addressPerMinute: number;
    connections: { all: number; perAddress: number };
    uploadBytes: { all: number; perAddress: number };
  };
  /** A bearer that may read /metrics from another machine. */
  metricsToken: string | null;
  openaiConfigured: boolean;
}

/** Any port of this machine, while developing. */
const LOCAL_ORIGIN = /^https?:\/\/(?:(?:[\w-]+\.)?localhost|127\.0\.0\.1)(?::\d+)?$/;

/**
 * Reads the environment. @throws ConfigError naming every bad variable, Error for a bad
 * EDITION_HOSTS
 */
export function readConfig(env: Record<string, string | undefined> = process.env): GatewayConfig {
  const c = loadConfig(configSchema, env);
  const development = c.RECADO_ENV === 'development';
  return {
    environment: c.RECADO_ENV,
    HOST: c.HOST,
    PORT: c.PORT,
    LOG_LEVEL: c.LOG_LEVEL,
    LOG_FORMAT: c.LOG_FORMAT,
    natsUrl: c.NATS_URL,
    redisUrl: c.REDIS_URL,
    tokens: createInternalTokens('gateway', c),
    services: {
      identity: c.RECADO_IDENTITY_URL,
      connector: c.RECADO_CHANNEL_CONNECTOR_URL,
      conversation: c.RECADO_CONVERSATION_URL,
      aiResponder: c.RECADO_AI_RESPONDER_URL,
      scheduler: c.RECADO_SCHEDULER_URL,
      analytics: c.RECADO_ANALYTICS_URL,
    },
    publicUrl: c.RECADO_PUBLIC_URL ?? `http://localhost:${c.PORT}`,
    mediaKey: Buffer.from(hkdfSync('sha256', c.RECADO_INTERNAL_KEY, '', 'recado media links', 32)),
    hosts: parseEditionHosts(c.EDITION_HOSTS),
    corsOrigins: development ? [...c.RECADO_CORS_ORIGINS, LOCAL_ORIGIN] : c.RECADO_CORS_ORIGINS,
    trustedProxies: c.RECADO_TRUSTED_PROXIES,
    limits: {
      factor: c.RECADO_RATE_LIMIT_FACTOR,
      addressPerMinute: c.RECADO_ADDRESS_REQUESTS_PER_MINUTE,
      connections: { all: c.RECADO_MAX_CONNECTIONS, perAddress: c.RECADO_MAX_CONNECTIONS_PER_ADDRESS },
      uploadBytes: { all: c.RECADO_MAX_UPLOAD_BYTES, perAddress: c.RECADO_MAX_UPLOAD_BYTES_PER_ADDRESS },
    },
    metricsToken: c.RECADO_METRICS_TOKEN ?? null,
    openaiConfigured: Boolean(c.RECADO_OPENAI_API_KEY),
  };
}
