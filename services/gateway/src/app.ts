import { timingSafeEqual } from 'node:crypto';
import { acceptingChecks, checkReadiness, type ReadyChecks, Unauthorized } from '@recado/service-kit';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { useAccessTokens } from './auth/verify-token.ts';
import type { GatewayDeps } from './deps.ts';
import { capConnections } from './edge/connections.ts';
import type { Edition } from './edge/edition.ts';
import { sendError } from './edge/errors.ts';
import { secure } from './edge/headers.ts';
import { pathForHost } from './edge/hosts.ts';
import { mountEdition, mountRoutes, requestId, useEditionErrors, useRequestHooks } from './edge/mount.ts';
import { editions } from './editions/index.ts';
import { healthRoutes } from './editions/saas/health/routes.ts';
import { WEBSOCKET_PATH } from './editions/scheduler/realtime.ts';
import { addressKey } from './limits/address.ts';

/** Bytes of a JSON body. */
const BODY_LIMIT = 1024 * 1024;
/** A client that takes longer to send a request is holding a socket, no more. */
const REQUEST_TIMEOUT_MS = 30_000;
/** Of these, milliseconds for the headers alone. */
const HEADERS_TIMEOUT_MS = 10_000;
/**
 * Milliseconds between looks for requests that took too long; Node's own 30 s would let them live
 * twice as long.
 */
const CHECKING_INTERVAL_MS = 1_000;

/** Upgrades belong to realtime's sockets alone. */
const SOCKETS_PATH = '/socket.io/';

/** Builds the gateway: five editions, their docs, the root. Never listens. */
export function buildApp(deps: GatewayDeps): FastifyInstance {
  const { config, log } = deps;
  const app: FastifyInstance = fastify({
    // Requests are logged by the editions' own hooks; the webhook path has none.
    logger: false,
    bodyLimit: BODY_LIMIT,
    requestTimeout: REQUEST_TIMEOUT_MS,
    // An unhandled upgrade would hold its connection for ever. Elsewhere the header is ignored, as
    // HTTP says.
    http: {
      headersTimeout: HEADERS_TIMEOUT_MS,
      connectionsCheckingInterval: CHECKING_INTERVAL_MS,
      shouldUpgradeCallback: ({ headers, url = '/' }) => {
        const path = pathForHost(config.hosts, headers.host, url);
        return path.startsWith(SOCKETS_PATH) || path.startsWith(WEBSOCKET_PATH);
      },
    },
    trustProxy: config.trustedProxies.length > 0 ? config.trustedProxies : false,
    routerOptions: { maxParamLength: 256 },
    rewriteUrl: (request) => pathForHost(config.hosts, request.headers.host, request.url ?? '/'),
    genReqId: (request) => requestId(request.headers),
    frameworkErrors: (error, request, reply) => {
      secure(request as FastifyRequest, reply, config);
      void sendError(editionOf(request.url), error, request as FastifyRequest, reply, log);
    },
  });
  // `Expect: 100-continue` is Node's own. Any other expectation is ignored, instead of an empty
  // 417.
  app.server.on('checkExpectation', (request, response) => app.server.emit('request', request, response));
  app.decorateRequest('principal', null);
  app.decorateRequest('vouched', false);
  app.decorateRequest('given', undefined);
  useAccessTokens(app, deps.keys);
  capConnections(app.server, { ...config.limits.connections, proxies: config.trustedProxies }, deps.registry);
  app.addHook('onRequest', async (request) => deps.uploads.begin(request.raw, addressKey(request.ip)));
  // The root belongs to saas: what no edition claims is answered in its words.
  useEditionErrors(app, editions.saas, deps);
  for (const edition of Object.values(editions)) mountEdition(app, edition, deps);
  app.register(async (root) => {
    useRequestHooks(root, deps);
    mountRoutes(root, editions.saas, healthRoutes, deps);
    mountProbes(root, deps);
  });
  // As scheduler.md names its pages; `/scheduler/docs` is every edition's own.
  app.get('/scheduler/swagger', (_request, reply) => reply.redirect('/docs/scheduler'));
  return app;
}

/** Liveness, readiness and metrics, for supervisors and balancers. */
function mountProbes(scope: FastifyInstance, { config, ready, registry }: GatewayDeps): void {
  let closing = false;
  scope.addHook('preClose', (done) => {
    closing = true;
    done();
  });
  scope.get('/health/live', async () => ({ status: 'ok' }));
  const tell = async (checks: ReadyChecks, reply: FastifyReply) => {
    const readiness = closing ? { status: 'unavailable', checks: {} } : await checkReadiness(checks);
    return reply.code(readiness.status === 'ok' ? 200 : 503).send(readiness);
  };
  scope.get('/health/ready', (_request, reply) => tell(ready, reply));
  scope.get('/health/accepting', (_request, reply) => tell(acceptingChecks(ready), reply));
  scope.get('/metrics', async (request, reply) => {
    // This port is the public one: figures of the installation are for its operator.
    if (!mayReadMetrics(request, config.metricsToken)) throw new Unauthorized();
    return reply.type(registry.contentType).send(await registry.metrics());
  });
}

function mayReadMetrics(request: FastifyRequest, token: string | null): boolean {
  const given = Buffer.from(request.headers.authorization ?? '');
  if (token !== null) {
    const wanted = Buffer.from(`Bearer ${token}`);
    return given.length === wanted.length && timingSafeEqual(given, wanted);
  }
  // The socket's own address, not a forwarded one; a proxy on this machine forwards for strangers.
  const { remoteAddress } = request.socket;
  const local = remoteAddress === '127.0.0.1' || remoteAddress === '::1' || remoteAddress === '::ffff:127.0.0.1';
  return local && request.headers['x-forwarded-for'] === undefined && request.headers.forwarded === undefined;
}

/** Whose words fit a URL that could not even be routed. */
function editionOf(url: string): Edition {
  const found = Object.values(editions).find(({ prefix }) => url === prefix || url.startsWith(`${prefix}/`));
  return found ?? editions.saas;
}
