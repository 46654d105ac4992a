import { timingSafeEqual } from 'node:crypto';
import { acceptingChecks, checkReadiness, type ReadyChecks, Unauthorized, zodCompilers } from '@recado/service-kit';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { useAccessTokens } from './auth/verify-token.ts';
import type { GatewayDeps } from './deps.ts';
import type { Edition } from './edge/edition.ts';
import { sendError } from './edge/errors.ts';
import { secure } from './edge/headers/headers.ts';
import { mountEdition, mountRoutes, requestId, useEditionErrors, useRequestHooks } from './edge/mount.ts';
import { capConnections } from './edge/server/connections.ts';
import { pathForHost } from './edge/server/hosts.ts';
import { createGatewayServer } from './edge/server/server.ts';
import { editions } from './editions/index.ts';
import { healthRoutes } from './editions/saas/health/routes.ts';
import { mountMedia } from './files/media-route.ts';
import { addressKey } from './limits/address.ts';
import { createDirectWebhooks } from './webhooks/serve-directly.ts';

/** Bytes of a JSON body. */
const BODY_LIMIT = 1024 * 1024;

/** Builds the gateway: five editions, their docs, the root. Never listens. */
export function buildApp(deps: GatewayDeps): FastifyInstance {
  const { config, log } = deps;
  const direct = createDirectWebhooks(Object.values(editions), deps);
  const app: FastifyInstance = fastify({
    // Requests are logged by the editions' own hooks; the webhook path has none.
    logger: false,
    schemaController: zodCompilers,
    bodyLimit: BODY_LIMIT,
    serverFactory: (handler) =>
      createGatewayServer(config, (request, response) => {
        if (!direct.take(request, response)) handler(request, response);
      }),
    trustProxy: config.trustedProxies.length > 0 ? config.trustedProxies : false,
    routerOptions: { maxParamLength: 256 },
    rewriteUrl: (request) => pathForHost(config.hosts, request.headers.host, request.url ?? '/'),
    genReqId: (request) => requestId(request.headers),
    frameworkErrors: (error, request, reply) => {
      secure(request as FastifyRequest, reply, config);
      void sendError(editionOf(request.url), error, request as FastifyRequest, reply, log);
    },
  });
  app.addHook('preClose', async () => direct.stop());
  app.decorateRequest('principal', null);
  app.decorateRequest('vouched', false);
  app.decorateRequest('given', undefined);
  useAccessTokens(app, deps.keys);
  capConnections(app.server, { ...config.limits.connections, proxies: config.trustedProxies }, deps.registry);
  app.addHook('onRequest', async (request) => {
    const begin = request.routeOptions.config.upload ? deps.uploads.beginFile : deps.uploads.begin;
    begin(request.raw, addressKey(request.ip));
  });
  // The root belongs to saas: what no edition claims is answered in its words.
  useEditionErrors(app, editions.saas, deps);
  for (const edition of Object.values(editions)) mountEdition(app, edition, deps);
  app.register(async (root) => {
    await useRequestHooks(root, deps);
    mountRoutes(root, editions.saas, healthRoutes, deps);
    mountProbes(root, deps);
    mountMedia(root, deps);
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

/** The edition that words the error of a URL that could not even be routed. */
function editionOf(url: string): Edition {
  const found = Object.values(editions).find(({ prefix }) => url === prefix || url.startsWith(`${prefix}/`));
  return found ?? editions.saas;
}
