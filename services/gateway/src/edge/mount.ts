import multipart from '@fastify/multipart';
import { MAX_FILE_BYTES, uuidv7 } from '@recado/contracts';
import {
  AppError,
  type Caller,
  continueTraceparent,
  Forbidden,
  holdsPermission,
  schemaOf,
  useStrictJson,
} from '@recado/service-kit';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Principal } from '../auth/verify-token.ts';
import type { GatewayDeps } from '../deps.ts';
import { mountDocs } from '../docs.ts';
import { MULTIPART_LIMITS } from '../files/read-upload.ts';
import { givenKey, keepsAnswers, scopeOf, takesKey } from '../idempotency/key.ts';
import { mountWebhook } from '../webhooks/mount.ts';
import { admit, admitUnrouted } from './admit.ts';
import { describeRoute } from './describe.ts';
import { deviceOf } from './device.ts';
import type { AnyEditionRoute, CallContext, Edition, EditionContext } from './edition.ts';
import { sendError } from './errors.ts';
import { useCompression } from './headers/compress.ts';
import { useCors } from './headers/cors.ts';
import { cacheOf, secure, setCache, useSecurityHeaders } from './headers/headers.ts';
import { checkTenantSlug, wantsTenantSlug } from './tenant-slug.ts';
import { compilerFor } from './validation.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The body before its schema changed it: an Idempotency-Key stands for what was sent. */
    given: unknown;
  }
  interface FastifyContextConfig {
    /** A service's field names in the route's own spelling. */
    fields?: Record<string, string> | undefined;
    /** Its body is a file: it may be large and slow, and is never whole in memory. */
    upload?: boolean;
  }
}

/** The file, and room for the rest of its form. */
const UPLOAD_LIMIT = MAX_FILE_BYTES + 1024 * 1024;
const REQUEST_ID = /^[\w.:-]{8,128}$/;

/** A request's id: the client's own when it is a sane one. */
export function requestId(headers: NodeJS.Dict<string | string[]>): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : uuidv7();
}

/** The caller of services before a log-in: no tenant, no rights. */
const NOBODY: Caller = {
  tenantId: '00000000-0000-0000-0000-000000000000',
  userId: null,
  role: 'service',
  permissions: [],
  edition: null,
  service: 'gateway',
};

/**
 * Serves an edition below its prefix: its routes, webhooks, errors and unknown paths, each in its
 * own words.
 */
export function mountEdition(app: FastifyInstance, edition: Edition, deps: GatewayDeps): void {
  app.register(async (documented) => {
    await mountDocs(documented, edition, deps.config);
    for (const webhook of edition.webhooks ?? []) mountWebhook(documented, edition, webhook, deps);
    documented.register(
      async (scope) => {
        useEditionErrors(scope, edition, deps);
        await useRequestHooks(scope, deps);
        await useCors(scope, deps.config.corsOrigins);
        mountRoutes(scope, edition, edition.routes, deps);
        scope.get('/docs', (_request, reply) => reply.redirect(`/docs/${edition.name}`));
      },
      { prefix: edition.prefix },
    );
  });
}

/** Every error in a scope gets the edition's words. */
export function useEditionErrors(scope: FastifyInstance, edition: Edition, deps: GatewayDeps): void {
  useStrictJson(scope);
  scope.setErrorHandler((error, request, reply) => sendError(edition, error, request, reply, deps.log));
  scope.setNotFoundHandler(notFound(edition, deps));
}

/** Ids, headers, compression, measurements and a log line for every request of a scope. */
export async function useRequestHooks(scope: FastifyInstance, deps: GatewayDeps): Promise<void> {
  const { log, observe } = deps;
  scope.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    done();
  });
  useSecurityHeaders(scope, deps.config);
  await useCompression(scope);
  scope.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'none';
    observe(request.method, route, reply.statusCode, reply.elapsedTime / 1000);
    const level = request.method === 'GET' && reply.statusCode < 400 ? 'debug' : 'info';
    if (log.isLevelEnabled(level)) {
      const ms = Math.round(reply.elapsedTime * 10) / 10;
      // The pattern, not the path: ids and queries stay out of the log.
      log[level]({ requestId: request.id, method: request.method, route, status: reply.statusCode, ms }, 'request');
    }
    done();
  });
}

/** Registers routes of an edition in a scope that has its manners. */
export function mountRoutes(
  scope: FastifyInstance,
  edition: Edition,
  routes: readonly AnyEditionRoute[],
  deps: GatewayDeps,
): void {
  for (const route of routes) {
    if (!route.upload) mountRoute(scope, edition, route, deps);
    // A scope of its own: elsewhere a form is no body.
    else
      scope.register(async (child) => {
        await child.register(multipart, { limits: MULTIPART_LIMITS });
        mountRoute(child, edition, route, deps);
      });
  }
}

function mountRoute(scope: FastifyInstance, edition: Edition, route: AnyEditionRoute, deps: GatewayDeps): void {
  const status = Number(Object.keys(route.responses)[0] ?? 200);
  const cache = cacheOf(route);
  const [keeps, takes] = [keepsAnswers(route), takesKey(route)];
  scope.route({
    method: route.method,
    url: route.path,
    config: { fields: route.fields, described: describeRoute(edition, route), upload: route.upload !== undefined },
    ...(route.upload ? { bodyLimit: UPLOAD_LIMIT } : {}),
    // Before the body is read, so a refused caller's body is not.
    onRequest: async (request, reply) => {
      request.principal = await admit(edition, route, request, reply, deps);
    },
    preValidation: (request, _reply, done) => {
      request.given = request.body;
      done();
    },
    schema: schemaOf(route),
    validatorCompiler: compilerFor(edition, route),
    attachValidation: true,
    handler: async (request, reply) => {
      // Who, then may they, then what: a stranger learns nothing about our fields.
      const { principal } = request;
      const call = callOf(edition, principal, request);
      if (wantsTenantSlug(edition, route)) await checkTenantSlug(edition, request, call, deps);
      const { permission } = route;
      if (permission && !(principal && holdsPermission(principal.caller, permission))) throw new Forbidden();
      setCache(reply, cache);
      const handle = async (idempotencyKey?: string) => {
        if (request.validationError) throw request.validationError;
        reply.code(status);
        if (route.contentType) reply.type(route.contentType);
        const known = { principal, call: idempotencyKey ? { ...call, idempotencyKey } : call };
        return route.handle(contextOf(route, known, request, reply, deps));
      };
      const key = takes ? givenKey(request, edition) : null;
      if (principal && key !== null && keeps)
        return deps.answerOnce.answer({ edition, principal, key, request, reply }, handle);
      const answer = await handle(
        principal && key !== null
          ? scopeOf(principal, request.method, request.routeOptions.url ?? route.path, key)
          : undefined,
      );
      return status === 204 ? reply.send() : reply.send(answer);
    },
  });
}

function callOf(edition: Edition, principal: Principal | null, request: FastifyRequest): CallContext {
  return {
    caller: callerIn(edition, principal),
    requestId: request.id,
    traceparent: continueTraceparent(request.headers.traceparent),
    client: clientOf(request),
    vouched: request.vouched,
  };
}

/**
 * Who calls, in the edition that is called: another one's token is good here, and here this
 * edition's rules hold.
 */
function callerIn({ name }: Edition, principal: Principal | null): Caller {
  if (!principal) return { ...NOBODY, edition: name };
  const { caller } = principal;
  return caller.edition === name ? caller : { ...caller, edition: name };
}

/** Where the request comes from, as trusted proxies tell it. */
const clientOf = ({ ip, headers }: FastifyRequest) => ({ ip, userAgent: headers['user-agent']?.slice(0, 512) });

function contextOf(
  route: AnyEditionRoute,
  { principal, call }: Pick<EditionContext, 'principal' | 'call'>,
  request: FastifyRequest,
  reply: FastifyReply,
  deps: GatewayDeps,
): EditionContext {
  return {
    params: route.params && request.params,
    query: route.query && request.query,
    body: route.body && request.body,
    deps,
    call,
    principal,
    client: { ...clientOf(request), ...(route.device ? deviceOf(request, reply, deps) : {}) },
    request,
    reply,
  };
}

/**
 * 405 with Allow when the edition has the path under other methods, else 404. The search runs only
 * then.
 */
function notFound(edition: Edition, deps: GatewayDeps) {
  const hooks = (edition.webhooks ?? []).map(({ path }) => ({ method: 'POST' as const, path }));
  const known = [...edition.routes, ...hooks].map(({ method, path }) => ({
    method,
    pattern: new RegExp(`^${(edition.prefix + path).replace(/[.]/g, '\\.').replace(/:\w+/g, '[^/]+')}/?$`),
  }));
  return async (request: FastifyRequest, reply: FastifyReply) => {
    // The root's own unknown paths have seen no hook.
    secure(request, reply, deps.config);
    await admitUnrouted(edition, request, reply, deps);
    const path = request.url.split('?', 1)[0]!;
    const allow = [...new Set(known.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method))];
    if (allow.length > 0) reply.header('allow', allow.join(', '));
    const error =
      allow.length > 0
        ? new AppError('method_not_allowed', 'Method not allowed')
        : new AppError('route_not_found', 'No such route');
    return sendError(edition, error, request, reply, deps.log);
  };
}
