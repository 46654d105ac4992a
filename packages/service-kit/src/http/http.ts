import { uuidv7 } from '@recado/contracts';
import fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import type { Caller } from '../callers/caller.ts';
import type { InternalTokens } from '../callers/internal-tokens.ts';
import { type Logger, lazyLog } from '../observe/logger.ts';
import { httpHistogram, type Registry } from '../observe/metrics.ts';
import { continueTraceparent, traceId } from '../observe/trace-context.ts';
import { currentTracing } from '../observe/tracing.ts';
import { acceptingChecks, checkReadiness, type ReadyChecks, watchUses } from '../process/health.ts';
import { documentOf, useDocument } from './documents.ts';
import { AppError, errorBodyOf, toAppError } from './errors.ts';
import { useStrictJson } from './json.ts';
import { requireCaller } from './serve.ts';
import { compileValidator, zodCompilers } from './validate.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /**
     * A route called many times a second. Its requests of any method are logged at debug, unless
     * refused.
     */
    quiet?: boolean;
  }
  interface FastifyInstance {
    kit: Kit;
  }
  interface FastifyRequest {
    /** From the internal token, once it is verified; an edge may set its own. */
    caller: Caller | undefined;
    /** W3C trace context: the incoming one, else a fresh one. */
    readonly traceparent: string;
  }
}

/** What serve() finds on the app. */
export interface Kit {
  name: string;
  tokens: InternalTokens | undefined;
  validateResponses: boolean;
  /** Set when the app begins to close: readiness fails from then on. */
  closing: boolean;
}

export interface HttpOptions {
  name: string;
  log: Logger;
  /** Needed by routes that ask for an internal token (all, unless their `auth` is `none`). */
  tokens?: InternalTokens;
  /**
   * Parse every answer against its contract; a mismatch becomes a 500. For tests: it costs 2-2.8x
   * the serialisation.
   */
  validateResponses?: boolean;
  /** Bytes; 1 MiB unless a route says otherwise. */
  bodyLimit?: number;
  registry?: Registry;
  ready?: ReadyChecks;
  /** Optional dependencies of the process, shown on `/health/ready`, which stays 200. */
  uses?: ReadyChecks;
  /** Switches off routes that an edge must not show. */
  builtIn?: { health?: boolean; metrics?: boolean; openapi?: boolean };
  /** Peers whose X-Forwarded-* count (Fastify's trustProxy); none by default. */
  trustProxy?: boolean | string | string[];
}

const REQUEST_ID = /^[\w.:-]{8,128}$/;
const TRACEPARENT = Symbol('traceparent');

/**
 * Fastify as every service uses it: strict JSON, one error body, request ids, tracing, one log line
 * and measurement per request, health, metrics. serve() adds routes; the caller listens.
 */
export function buildHttp(options: HttpOptions): FastifyInstance {
  const { name, log, bodyLimit = 1024 * 1024, builtIn = {} } = options;
  const app: FastifyInstance = fastify({
    loggerInstance: log as FastifyBaseLogger,
    schemaController: zodCompilers,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit,
    trustProxy: options.trustProxy ?? false,
    routerOptions: { maxParamLength: 256 },
    genReqId: (raw) => {
      const given = raw.headers['x-request-id'];
      return typeof given === 'string' && REQUEST_ID.test(given) ? given : uuidv7();
    },
    frameworkErrors: (error, request, reply) => {
      sendError(error, request as FastifyRequest, reply as FastifyReply);
    },
  });
  const kit: Kit = {
    name,
    tokens: options.tokens,
    validateResponses: options.validateResponses ?? false,
    closing: false,
  };
  app.decorate('kit', kit);
  app.decorateRequest('caller', undefined);
  app.decorateRequest('traceparent', {
    getter(this: FastifyRequest & { [TRACEPARENT]?: string }) {
      this[TRACEPARENT] ??= currentTracing()?.active() ?? continueTraceparent(this.headers.traceparent);
      return this[TRACEPARENT];
    },
  });
  // The child is made lazily in the hook below, once the request is known.
  app.setChildLoggerFactory((logger) => logger);
  const tracing = currentTracing();
  if (tracing) app.register(tracing.plugin);

  useStrictJson(app);
  app.setValidatorCompiler(compileValidator);
  addRequestHooks(app, options);
  app.setErrorHandler((error, request, reply) => sendError(error, request, reply));
  app.setNotFoundHandler(createNotFound(app));
  if (builtIn.health !== false) addHealth(app, options.ready ?? {}, options.uses ?? {});
  if (builtIn.metrics !== false && options.registry) addMetrics(app, options.registry);
  if (builtIn.openapi !== false && options.tokens) addOpenApi(app);
  return app;
}

/** Answers with the error body any thrown value stands for, and logs what is our fault. */
export function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const mapped = logError(error, request);
  if (mapped.retryAfter !== undefined) reply.header('retry-after', String(mapped.retryAfter));
  return reply.code(mapped.status).send(errorBodyOf(mapped));
}

/**
 * Maps an error and logs it when its status is 5xx; editions use it before they write their own
 * body.
 */
export function logError(error: unknown, request: FastifyRequest): AppError {
  const mapped = toAppError(error);
  if (mapped.status >= 500) {
    const level = mapped.code === 'unavailable' ? 'warn' : 'error';
    request.log[level]({ err: error, method: request.method, route: request.routeOptions?.url }, mapped.message);
  }
  return mapped;
}

function addRequestHooks(app: FastifyInstance, { log, registry }: HttpOptions): void {
  const observe = registry && httpHistogram(registry);
  app.addHook('onRequest', (request, reply, done) => {
    request.log = lazyLog(log, () => bindingsOf(request));
    reply.header('x-request-id', request.id);
    done();
  });
  app.addHook('onResponse', (request, reply, done) => {
    const status = reply.statusCode;
    const route = request.routeOptions.url;
    observe?.(request.method, route ?? 'none', status, reply.elapsedTime / 1000);
    const calm = request.method === 'GET' || request.routeOptions.config.quiet === true;
    const isProbe = route?.startsWith('/health/') === true;
    const level = isProbe || (calm && status < 400) ? 'debug' : 'info';
    if (log.isLevelEnabled(level)) {
      // The path without its query, which may hold what is private.
      const path = request.url.split('?', 1)[0];
      const ms = Math.round(reply.elapsedTime * 10) / 10;
      log[level]({ ...bindingsOf(request), method: request.method, path, status, ms }, 'request');
    }
    done();
  });
  app.addHook('preClose', (done) => {
    app.kit.closing = true;
    done();
  });
}

function bindingsOf(request: FastifyRequest): Record<string, unknown> {
  const bindings: Record<string, unknown> = { requestId: request.id, traceId: traceId(request.traceparent) };
  if (request.caller) {
    bindings.tenantId = request.caller.tenantId;
    if (request.caller.userId) bindings.userId = request.caller.userId;
  }
  return bindings;
}

/** 405 with Allow when the path exists under other methods, else 404. The search runs only then. */
function createNotFound(app: FastifyInstance) {
  const known: { method: string; pattern: RegExp }[] = [];
  app.addHook('onRoute', ({ method, url }) => {
    const pattern = new RegExp(
      `^${url
        .replace(/[.+^$(){}|[\]\\]/g, '\\$&')
        .replace(/:[^/]+/g, '[^/]+')
        .replace(/\*/g, '.*')}/?$`,
    );
    for (const one of Array.isArray(method) ? method : [method]) known.push({ method: one, pattern });
  });
  return (request: FastifyRequest, reply: FastifyReply) => {
    const path = request.url.split('?', 1)[0]!;
    const allow = [...new Set(known.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method))];
    if (allow.length === 0) return sendError(new AppError('route_not_found', 'No such route'), request, reply);
    reply.header('allow', allow.join(', '));
    return sendError(new AppError('method_not_allowed', `${request.method} is not allowed here`), request, reply);
  };
}

function addHealth(app: FastifyInstance, ready: ReadyChecks, uses: ReadyChecks): void {
  const look = watchUses(uses);
  app.get('/health/live', async () => ({ status: 'ok' }));
  app.get('/health/ready', async (_request, reply) => {
    if (app.kit.closing) return reply.code(503).send({ status: 'unavailable', checks: {} });
    const readiness = { ...(await checkReadiness(ready)), ...(Object.keys(uses).length > 0 ? { uses: look() } : {}) };
    return reply.code(readiness.status === 'ok' ? 200 : 503).send(readiness);
  });
  app.get('/health/accepting', async (_request, reply) => {
    if (app.kit.closing) return reply.code(503).send({ status: 'unavailable', checks: {} });
    const readiness = await checkReadiness(acceptingChecks(ready));
    return reply.code(readiness.status === 'ok' ? 200 : 503).send(readiness);
  });
}

function addMetrics(app: FastifyInstance, registry: Registry): void {
  app.get('/metrics', async (_request, reply) => {
    return reply.header('content-type', registry.contentType).send(await registry.metrics());
  });
}

function addOpenApi(app: FastifyInstance): void {
  useDocument(app, { title: `Recado ${app.kit.name}`, version: '1' });
  const onRequest = async (request: FastifyRequest) => void requireCaller(request);
  app.get('/openapi.json', { onRequest }, async () => documentOf(app));
}
