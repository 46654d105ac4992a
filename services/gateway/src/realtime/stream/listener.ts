import { once } from 'node:events';
import type { Server } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { type Bus, connectBus } from '@recado/messaging';
import { type ReadyChecks, shareCheck } from '@recado/service-kit';
import type { GatewayDeps } from '../../deps.ts';
import { type Feed, type FeedOptions, startFeed } from './feed.ts';

/** Between tries to receive events at the start, while JetStream is still coming up. */
const RETRY_MS = 250;
const NATS_PATIENCE_MS = 365 * 24 * 3_600_000;

/** The gateway's way to the events of the mesh. */
export interface Listener {
  /** @throws while it does not listen yet */
  feed(): Feed;
  ready: ReadyChecks;
  stop(): Promise<void>;
}

interface Connection {
  bus: Bus | null;
  feed: Feed | null;
  stopped: boolean;
}

/** Connects to NATS and reads events, once HTTP listens. Returns at once, and tries for ever. */
export function startListener(
  server: Server,
  { config, log }: Pick<GatewayDeps, 'config' | 'log'>,
  options: Omit<FeedOptions, 'bus' | 'log'>,
): Listener {
  const connection: Connection = { bus: null, feed: null, stopped: false };
  const listen = async () => {
    // Making the routes takes the event loop for seconds: longer than NATS waits for a log-in.
    if (!server.listening) await once(server, 'listening');
    const bus = await connectBus({ url: config.natsUrl, name: 'gateway', log, waitMs: NATS_PATIENCE_MS });
    connection.bus = bus;
    if (connection.stopped) await bus.close();
    while (!connection.feed && !connection.stopped) {
      try {
        connection.feed = await startFeed({ ...options, bus, log });
      } catch (err) {
        log.warn({ err }, 'events cannot be heard yet; trying again');
        await pause(RETRY_MS);
      }
    }
  };
  listen().catch((err) => log.error({ err }, 'realtime could not start'));
  const bus = () => connection.bus ?? fail('Not connected yet', 'not_connected');
  const feed = () => connection.feed ?? fail('Not listening yet', 'not_listening');
  return {
    feed,
    ready: {
      nats: async () => bus().ping(),
      jetstream: shareCheck(async () => bus().checkStore('gateway')),
      realtime: async () => feed().check(),
    },
    async stop() {
      connection.stopped = true;
      await connection.feed?.stop();
      await connection.bus?.close();
    },
  };
}

function fail(message: string, code: string): never {
  throw Object.assign(new Error(message), { code });
}
