import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { SERVICES, type ServiceName } from '@recado/contracts';
import { roleUrl, SERVICE_SCHEMAS, type StatefulService } from '@recado/testkit/servers';
import type { Ports } from './ports.ts';
import { internalKeysOf, type Secrets } from './secrets.ts';

export interface MeshAddresses {
  /** As the role that owns the schemas. */
  databaseUrl: string;
  natsUrl: string;
  redisUrl: string;
  ports: Ports;
}

/** Where a process of the mesh answers. */
export const urlOf = (ports: Ports, name: ServiceName | 'sandbox'): string => `http://127.0.0.1:${ports[name]}`;

const isStateful = (name: ServiceName): name is StatefulService => name in SERVICE_SCHEMAS;

/**
 * Settings of the caller that replace ours: a real provider or model instead of the sandbox, other
 * limits.
 */
const OVERRIDES = [
  'RECADO_ENV',
  'RECADO_CORS_ORIGINS',
  'RECADO_MEDIA_URL',
  'RECADO_MEDIA_S3_KEY',
  'RECADO_META_GRAPH_URL',
  'RECADO_EVOLUTION_URL',
  'RECADO_EVOLUTION_KEY',
  'RECADO_WPPCONNECT_URL',
  'RECADO_WPPCONNECT_SECRET',
  'RECADO_OPENAI_BASE_URL',
  'RECADO_OPENAI_API_KEY',
  'RECADO_AI_MODELS',
  'RECADO_AI_TRIALS',
  'RECADO_PUBLIC_URL',
  'RECADO_RATE_LIMIT_FACTOR',
  'RECADO_REFRESH_GRACE',
  'RECADO_REGISTRATION',
  'RECADO_LOGIN_TRIES',
  'RECADO_LOGIN_TRIES_PER_IP',
  'RECADO_PASSWORD_NICE',
];

/** The same, of identity alone: a mail server's URL holds its password. */
const MAIL_OVERRIDES = [
  'RECADO_EMAIL_PROOF',
  'RECADO_SMTP_URL',
  'RECADO_MAIL_FROM',
  'RECADO_CONFIRM_URL',
  'RECADO_UNPROVED_DAYS',
];

/** The service's own user, on a server of ours; a given one is used as it was given. */
export function natsUrlOf(name: ServiceName, natsUrl: string, { nats, natsUsers }: Secrets): string {
  const url = new URL(natsUrl);
  if (url.username !== 'operator' || decodeURIComponent(url.password) !== nats) return natsUrl;
  url.username = name;
  url.password = natsUsers[name];
  return url.href;
}

/** The sandbox's servers for linked phones; their keys are known. */
function linkServers(name: ServiceName, sandbox: string): Record<string, string> {
  if (name !== 'channel-connector') return {};
  return {
    RECADO_EVOLUTION_URL: `${sandbox}/evolution`,
    RECADO_EVOLUTION_KEY: 'sandbox-evolution-key',
    RECADO_WPPCONNECT_URL: `${sandbox}/wppconnect`,
    RECADO_WPPCONNECT_SECRET: 'THISISMYSECURETOKEN',
  };
}

/** The environment of one service. Secrets go only to those that use them. */
export function serviceEnv(
  name: ServiceName,
  at: MeshAddresses,
  secrets: Secrets,
  logLevel: string,
  outer: NodeJS.ProcessEnv,
): Record<string, string> {
  const env: Record<string, string> = {
    HOST: '127.0.0.1',
    PORT: String(at.ports[name]),
    LOG_FORMAT: 'json', // made readable where it is printed
    LOG_LEVEL: logLevel,
    NATS_URL: natsUrlOf(name, at.natsUrl, secrets),
    REDIS_URL: at.redisUrl,
    ...internalKeysOf(name, secrets),
    // Browsers on any port of this machine may call.
    RECADO_ENV: 'development',
    RECADO_ALLOW_PRIVATE_URLS: '1',
    RECADO_PUBLIC_URL: urlOf(at.ports, 'gateway'),
    RECADO_META_GRAPH_URL: urlOf(at.ports, 'sandbox'),
    ...linkServers(name, urlOf(at.ports, 'sandbox')),
    // A mesh puts it into its own folder.
    RECADO_MEDIA_URL: pathToFileURL(join(tmpdir(), `recado-media-${at.ports.gateway}`)).href,
    RECADO_OPENAI_BASE_URL: `${urlOf(at.ports, 'sandbox')}/openai/v1`,
    RECADO_OPENAI_API_KEY: 'sandbox',
    // Fewer arenas of the C allocator: tens of megabytes over seven processes.
    MALLOC_ARENA_MAX: '1',
    // Freed memory goes back to the system: 16 MB over seven processes, no cost seen under load.
    MALLOC_TRIM_THRESHOLD_: '131072',
  };
  for (const other of SERVICES) {
    env[`RECADO_${other.replaceAll('-', '_').toUpperCase()}_URL`] = urlOf(at.ports, other);
  }
  for (const key of OVERRIDES) if (outer[key]) env[key] = outer[key];
  if (isStateful(name)) {
    env.DATABASE_URL = roleUrl(at.databaseUrl, name, 'app', secrets.roles);
    env.DATABASE_WORKER_URL = roleUrl(at.databaseUrl, name, 'worker', secrets.roles);
    env.RECADO_SECRETS_KEYS = secrets.sealKeys;
  }
  if (name === 'identity') {
    env.RECADO_JWT_PRIVATE_KEY = secrets.jwtPrivateKey;
    env.RECADO_SMTP_URL = `smtp://127.0.0.1:${at.ports.mail}?ignoreTLS=true`;
    env.RECADO_MAIL_FROM = 'Recado <no-reply@recado.local>';
    for (const key of MAIL_OVERRIDES) if (outer[key]) env[key] = outer[key];
  }
  return env;
}
