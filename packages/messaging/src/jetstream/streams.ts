import { DiscardPolicy, RetentionPolicy, StorageType, type StreamConfig } from '@nats-io/jetstream';
import { SERVICES, type ServiceName } from '@recado/contracts';

/**
 * How long a stream and an outbox remember, in hours: what a consumer may be away without losing
 * anything.
 */
export const KEEP_HOURS = 72;

const HOUR_NS = 3_600_000_000_000;

/**
 * On messages published again because their stream was lost: the event may have been seen before.
 */
export const REPLAY_HEADER = 'Recado-Replay';

/**
 * `Content-Type` of a message that is one event, and of one that is an array of them: the JSON
 * formats of CloudEvents.
 */
export const EVENT_TYPE = 'application/cloudevents+json';
export const EVENT_BATCH_TYPE = 'application/cloudevents-batch+json';

/** Services that own a stream. The gateway publishes nothing. */
export const PUBLISHERS = SERVICES.filter((service) => service !== 'gateway');

/** `channel-connector` → `RECADO_CHANNEL_CONNECTOR` */
export function streamName(service: ServiceName): string {
  return `RECADO_${service.toUpperCase().replaceAll('-', '_')}`;
}

/** The service that owns a stream, or null for a stream of another program. */
export function serviceOfStream(stream: string): ServiceName | null {
  return PUBLISHERS.find((service) => streamName(service) === stream) ?? null;
}

/** NATS users with rights of their own. `operator` has all: it is for the operator's commands. */
export const NATS_USERS = [...SERVICES, 'operator'] as const;
export type NatsUser = (typeof NATS_USERS)[number];

/**
 * Whether that user may do only what permissionsOf() says. Any other login has all rights: it is
 * the operator's, or of a server without accounts.
 */
const isRestricted = (user: string | undefined): boolean =>
  (SERVICES as readonly (string | undefined)[]).includes(user);

/** Whether that user may make, change and purge the stream of a service. */
export const mayKeepStream = (user: string | undefined, service: ServiceName): boolean =>
  !isRestricted(user) || user === service;

/**
 * Whether that user may delete consumers without a name. One that is not deleted ends by itself.
 */
export const mayDeleteEphemerals = (user: string | undefined): boolean => !isRestricted(user);

/**
 * Answers to one of those users come below this prefix, where others cannot listen. Other users
 * keep the client's own.
 */
export const inboxPrefixOf = (user: string | undefined): string =>
  (NATS_USERS as readonly (string | undefined)[]).includes(user) ? `_INBOX_${user}` : '_INBOX';

export interface StreamLimits {
  replicas: number;
  /**
   * Bytes each stream may hold; by default by what an exchange leaves in it, see defaultMaxBytes.
   */
  maxBytes?: number;
}

/** `RECADO_NATS_REPLICAS` (1) and `RECADO_NATS_STREAM_MAX_BYTES` (each stream's own default). */
export function streamLimits(env: Record<string, string | undefined> = process.env): StreamLimits {
  return {
    replicas: positive(env.RECADO_NATS_REPLICAS, 1, 'RECADO_NATS_REPLICAS'),
    ...(env.RECADO_NATS_STREAM_MAX_BYTES
      ? { maxBytes: positive(env.RECADO_NATS_STREAM_MAX_BYTES, 0, 'RECADO_NATS_STREAM_MAX_BYTES') }
      : {}),
  };
}

/**
 * Bytes that one AI exchange leaves in a stream (question, answer, ticks), each exchange alone:
 * `npm run bench -- --only streams`. Streams that exchanges hardly touch are absent.
 */
const BYTES_PER_EXCHANGE: Partial<Record<ServiceName, number>> = {
  'channel-connector': 4300,
  conversation: 8900,
  'ai-responder': 1700,
  scheduler: 700,
};
/**
 * Exchanges that a stream holds before its oldest messages are purged: what a consumer may miss,
 * and a socket's cursor.
 */
const EXCHANGES = 262_144;
const LEAST_BYTES = 256 * 1024 ** 2;

/** The size of a stream when none is set: so many exchanges, 256 MiB at least. */
export function defaultMaxBytes(service: ServiceName): number {
  return Math.max((BYTES_PER_EXCHANGE[service] ?? 0) * EXCHANGES, LEAST_BYTES);
}

/**
 * One stream per owner. `discard: new` makes a full stream refuse, so the outbox waits; `old` would
 * drop unread messages. The relay purges what every durable has acknowledged.
 */
export function streamConfig(service: ServiceName, limits: StreamLimits = streamLimits()) {
  return {
    name: streamName(service),
    subjects: [`recado.${service}.>`],
    storage: StorageType.File,
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.New,
    max_bytes: limits.maxBytes ?? defaultMaxBytes(service),
    max_age: KEEP_HOURS * HOUR_NS,
    duplicate_window: 2 * HOUR_NS,
    num_replicas: limits.replicas,
  } satisfies Partial<StreamConfig>;
}

/**
 * The part of a subject filter that one service's stream can serve, or null. nats-server 2.9
 * refuses a wider filter: `recado.>` becomes `recado.<service>.>`.
 */
export function filterWithin(service: ServiceName, filter: string): string | null {
  const [root, owner, ...rest] = filter.split('.');
  if (root === '>') return `recado.${service}.>`;
  if (root !== 'recado' && root !== '*') return null;
  if (owner === '>' || owner === undefined) return owner ? `recado.${service}.>` : null;
  if (owner !== '*' && owner !== service) return null;
  return rest.length > 0 ? ['recado', service, ...rest].join('.') : null;
}

function positive(text: string | undefined, fallback: number, name: string): number {
  if (text === undefined || text === '') return fallback;
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new Error(`${name} must be a whole number above 0, not "${text}"`);
  return value;
}
