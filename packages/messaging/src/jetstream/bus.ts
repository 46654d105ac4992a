import {
  JetStreamApiError,
  type JetStreamClient,
  type JetStreamManager,
  jetstream,
  jetstreamManager,
  type StreamInfo,
} from '@nats-io/jetstream';
import { connect, type NatsConnection, PermissionViolationError } from '@nats-io/transport-node';
import type { ServiceName } from '@recado/contracts';
import type { Log } from '../types.ts';
import { checkStore } from './store-check.ts';
import {
  inboxPrefixOf,
  mayDeleteEphemerals,
  mayKeepStream,
  type StreamLimits,
  streamConfig,
  streamLimits,
  streamName,
} from './streams.ts';

export interface Bus {
  nc: NatsConnection;
  js: JetStreamClient;
  jsm: JetStreamManager;
  /** Of subjects that answers come to. */
  inboxPrefix: string;
  /**
   * Makes the service's stream when it is missing, and brings its limits up to date. For its owner
   * alone.
   */
  ensureStream(service: ServiceName): Promise<StreamInfo>;
  /**
   * The stream. Makes it when it is missing and this user may. @throws StreamMissing when its owner
   * has yet to make it
   */
  getStream(service: ServiceName): Promise<StreamInfo>;
  /**
   * Deletes a consumer without a name where this user may; elsewhere it ends by itself after a
   * while. Never throws.
   */
  dropEphemeral(stream: string, consumer: string): void;
  /** Null when the stream does not exist; throws when JetStream cannot say. */
  findStream(stream: string): Promise<StreamInfo | null>;
  /** Whether the connection stands right now. */
  connected(): boolean;
  /** Reports every loss and return of the connection. Returns how to stop listening. */
  onConnection(listener: (state: 'lost' | 'back') => void): () => void;
  /** One round trip; throws when the server cannot be reached within 2 s. */
  ping(): Promise<void>;
  /** Stores a small message for real; see store-check.ts. */
  checkStore(name: string): Promise<void>;
  /** Sends what is buffered and closes. */
  close(): Promise<void>;
}

/** A stream's owner makes it at its start. Others wait for that. */
export class StreamMissing extends Error {
  constructor(stream: string) {
    super(`Stream ${stream} is missing`);
  }
}

export interface BusOptions {
  url: string;
  /** Shown in the server's connection list. */
  name: string;
  log: Log;
  limits?: StreamLimits;
  /** Milliseconds to wait for the server when it is not there at the start; 30 s by default. */
  waitMs?: number;
}

/**
 * Connects to NATS and stays connected: an absent server is tried again for ever, every 250 ms or
 * so. Throws only when there was none for `waitMs` at the start.
 */
export async function connectBus({
  url,
  name,
  log,
  limits = streamLimits(),
  waitMs = 30_000,
}: BusOptions): Promise<Bus> {
  const { user } = address(url);
  const nc = await dial(url, name, log, waitMs);
  // Not asked at the start: the account's info fails while JetStream is still coming up.
  const jsm = await jetstreamManager(nc, { checkAPI: false, timeout: 5000 });
  const js = jetstream(nc, { timeout: 5000 });
  const listeners = new Set<(state: 'lost' | 'back') => void>();
  let connected = true;
  void (async () => {
    for await (const status of nc.status()) {
      if (status.type !== 'disconnect' && status.type !== 'reconnect') continue;
      connected = status.type === 'reconnect';
      log[connected ? 'info' : 'warn'](connected ? 'NATS is back' : 'NATS was lost; reconnecting');
      for (const listener of [...listeners]) listener(connected ? 'back' : 'lost');
    }
    connected = false;
  })();

  const bus: Bus = {
    nc,
    js,
    jsm,
    inboxPrefix: inboxPrefixOf(user),
    ensureStream: (service) => ensureStream(bus, service, limits),
    async getStream(service) {
      const found = await bus.findStream(streamName(service));
      if (found) return found;
      if (!mayKeepStream(user, service)) throw new StreamMissing(streamName(service));
      return ensureStream(bus, service, limits);
    },
    dropEphemeral(stream, consumer) {
      if (!bus.connected() || !mayDeleteEphemerals(user)) return;
      jsm.consumers.delete(stream, consumer).catch(() => undefined);
    },
    async findStream(stream) {
      try {
        return await jsm.streams.info(stream);
      } catch (error) {
        if (isMissing(error)) return null;
        throw error;
      }
    },
    connected: () => connected && !nc.isClosed(),
    onConnection(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async ping() {
      const signal = AbortSignal.timeout(2000);
      const late = new Promise<never>((_, reject) =>
        signal.addEventListener('abort', () => reject(new Error('NATS did not answer within 2 s'))),
      );
      await Promise.race([nc.flush(), late]);
    },
    checkStore: (name) => checkStore(bus, name),
    async close() {
      if (nc.isClosed()) return;
      // A drain waits for the server; while it is away a drain would never end.
      if (connected) await nc.drain().catch(() => nc.close());
      else await nc.close();
    },
  };
  return bus;
}

async function dial(url: string, name: string, log: Log, waitMs: number): Promise<NatsConnection> {
  const deadline = performance.now() + waitMs;
  for (let attempt = 0; ; attempt++) {
    try {
      return await connect({
        ...address(url),
        inboxPrefix: inboxPrefixOf(address(url).user),
        name,
        maxReconnectAttempts: -1,
        reconnectTimeWait: 200,
        reconnectJitter: 100,
        pingInterval: 10_000,
        maxPingOut: 2,
        timeout: 5000,
      });
    } catch (error) {
      if (performance.now() > deadline) throw error;
      if (attempt === 0) log.warn({ err: error }, 'NATS is not there yet; waiting for it');
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }
}

/**
 * The client takes no login from a URL: `nats://user:password@host:4222`, several separated by
 * commas, `tls://` for TLS.
 */
function address(url: string) {
  const parts = url.split(',').map((text) => new URL(text.includes('://') ? text.trim() : `nats://${text.trim()}`));
  const { username, password, protocol } = parts[0]!;
  const [user, pass] = [decodeURIComponent(username), decodeURIComponent(password)];
  const login: { user?: string; pass?: string; token?: string } =
    user === '' ? {} : pass === '' ? { token: user } : { user, pass };
  return { servers: parts.map((part) => part.host), ...login, ...(protocol === 'tls:' ? { tls: {} } : {}) };
}

async function ensureStream(bus: Bus, service: ServiceName, limits: StreamLimits): Promise<StreamInfo> {
  const wanted = streamConfig(service, limits);
  const found = await bus.findStream(streamName(service));
  if (found) {
    // A limit below what the stream holds would delete messages that are still unread: first the
    // stream has to shrink.
    const { max_bytes: held } = found.config;
    if (held > wanted.max_bytes && found.state.bytes > wanted.max_bytes / 2) wanted.max_bytes = held;
    const same =
      found.config.max_bytes === wanted.max_bytes &&
      found.config.max_age === wanted.max_age &&
      found.config.num_replicas === wanted.num_replicas;
    return same ? found : bus.jsm.streams.update(wanted.name, wanted);
  }
  try {
    return await bus.jsm.streams.add(wanted);
  } catch (error) {
    // Another copy was faster.
    const made = await bus.findStream(wanted.name);
    if (made) return made;
    throw error;
  }
}

/** Whether the server refused it to this user: a stream is made by its owner alone. */
export function isDenied(error: unknown): boolean {
  return (
    error instanceof PermissionViolationError || (error as Error | undefined)?.cause instanceof PermissionViolationError
  );
}

/** Stream (10059) or consumer (10014) not found. Anything else means "cannot say", never "gone". */
export function isMissing(error: unknown): boolean {
  return error instanceof JetStreamApiError && (error.code === 10059 || error.code === 10014);
}
