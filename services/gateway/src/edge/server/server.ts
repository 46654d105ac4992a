import { createServer, type RequestListener, type Server } from 'node:http';
import type { GatewayConfig } from '../../config.ts';
import { WEBSOCKET_PATH } from '../../editions/scheduler/realtime.ts';
import { pathForHost } from './hosts.ts';

/** The longest a file may take. Other bodies are ended after 30 s (uploads.ts). */
const REQUEST_TIMEOUT_MS = 15 * 60_000;
/** Of these, milliseconds for the headers alone. */
const HEADERS_TIMEOUT_MS = 10_000;
/**
 * Milliseconds between looks for requests that took too long; Node's own 30 s would let them live
 * twice as long.
 */
const CHECKING_INTERVAL_MS = 1_000;
/** Fastify's own default. */
const KEEP_ALIVE_MS = 72_000;

/** Upgrades belong to realtime's sockets alone. */
const SOCKETS_PATH = '/socket.io/';

/** The gateway's HTTP server, for Fastify's `serverFactory`. */
export function createGatewayServer({ hosts }: Pick<GatewayConfig, 'hosts'>, listener: RequestListener): Server {
  const server = createServer(
    {
      requestTimeout: REQUEST_TIMEOUT_MS,
      headersTimeout: HEADERS_TIMEOUT_MS,
      connectionsCheckingInterval: CHECKING_INTERVAL_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      // On other paths the header is ignored, as HTTP has it: an upgrade that is not taken would
      // hold its connection forever.
      shouldUpgradeCallback: ({ headers, url = '/' }) => {
        const path = pathForHost(hosts, headers.host, url);
        return path.startsWith(SOCKETS_PATH) || path.startsWith(WEBSOCKET_PATH);
      },
    },
    listener,
  );
  // Node knows `Expect: 100-continue`. Others are ignored instead of a 417 without a body.
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
  return server;
}
