import type { AuditOrigin, RouteContract, RouteInput, RouteResult } from '@recado/contracts';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type Caller, requireAccess } from '../callers/caller.ts';
import { type CallContext, CLIENT_AGENT_HEADER, CLIENT_IP_HEADER, type ClientOrigin } from '../calls/client.ts';
import type { Log } from '../observe/logger.ts';
import { callKeyOf } from './call-key.ts';
import { AppError, EmailUnproved, Forbidden, Unauthorized } from './errors.ts';
import { fieldErrors, schemaOf } from './validate.ts';

/** What a handler receives. */
export type HandlerInput<R extends RouteContract> = RouteInput<R> & {
  /** The caller; undefined on routes with `auth: 'none'`. */
  caller: R['auth'] extends 'none' ? undefined : Caller;
  /** Carries request, tenant and trace ids. */
  log: Log;
  /** Caller, trace and request id, to be passed on to clients of other services. */
  context: CallContext;
  /** The actor and the address, for buildAudit(). */
  origin: AuditOrigin;
  request: FastifyRequest;
  reply: FastifyReply;
};

/** A handler returns the body of success, or the reply it has answered with itself. */
export type Handler<R extends RouteContract> = (
  input: HandlerInput<R>,
  // biome-ignore lint/suspicious/noConfusingVoidType: a handler of a 204 is a Promise<void>
) => Promise<RouteResult<R> | FastifyReply | (null extends RouteResult<R> ? void : never)>;

const noQuery = z.strictObject({});

/**
 * Registers a contract's route. The handler gets parsed input and the caller. Its result goes out
 * with the first status of `responses`, or that of `reply.code()`.
 * @throws at start without buildHttp, and when a guarded route has no internal tokens or `access`
 */
export function serve<const R extends RouteContract>(app: FastifyInstance, contract: R, handler: Handler<R>): void {
  const { kit } = app;
  if (!kit) throw new Error('serve() needs an app made by buildHttp()');
  const guarded = contract.auth !== 'none';
  if (guarded && !kit.tokens) throw new Error(`${contract.method} ${contract.path} needs internal tokens`);
  const { access } = contract;
  if (guarded && !access) throw new Error(`${contract.method} ${contract.path} names no access`);
  const status = successStatus(contract);
  const empty = status === 204;

  app.route({
    method: contract.method,
    url: contract.path,
    schema: schemaOf({ ...contract, query: contract.query ?? noQuery }),
    config: { described: { ...contract, security: guarded ? undefined : [] } },
    ...(contract.bodyLimit ? { bodyLimit: contract.bodyLimit } : {}),
    // Before the body is read: strangers get no work out of us.
    ...(guarded
      ? {
          onRequest: async (request: FastifyRequest) => {
            const caller = requireCaller(request, contract.callers);
            requireProved(caller, contract);
            if (!(contract.orSelf && isSelf(caller, request))) requireAccess(caller, access!);
          },
        }
      : {}),
    handler: async (request, reply) => {
      const { params, query, body } = request;
      const input = {
        params: contract.params && params,
        query: contract.query && query,
        body: contract.body && body,
      } as RouteInput<R>;
      reply.code(status);
      const output = await handler(handlerInput(contract, request, reply, input));
      if (reply.sent || (output as unknown) === reply) return reply;
      if (empty && (output === null || output === undefined)) return reply.send();
      if (kit.validateResponses) checkResponse(contract, reply.statusCode, output);
      return reply.send(output);
    },
  });
}

/**
 * Verifies the request's internal token and puts its caller on the request.
 * `callers`: the services that may call this route beside the gateway.
 * @throws Unauthorized without a valid token, Forbidden when it is another service's
 */
export function requireCaller(request: FastifyRequest, callers: readonly string[] = []): Caller {
  const { tokens } = request.server.kit;
  const header = request.headers.authorization;
  if (!tokens || !header?.startsWith('Bearer ')) throw new Unauthorized('A valid internal token is required');
  const caller = tokens.verify(header.slice(7));
  if (caller.service !== 'gateway' && !callers.includes(caller.service))
    throw new Forbidden(`${caller.service} may not call ${request.method} ${request.routeOptions.url}`);
  request.caller = caller;
  return caller;
}

/**
 * The edge refuses these as well: a change by mistake there is refused here. @throws Forbidden
 * `email_unproved`
 */
function requireProved({ unproved }: Caller, { method, unproved: allowed }: RouteContract): void {
  if (unproved && method !== 'GET' && !allowed) throw new EmailUnproved();
}

const isSelf = ({ userId }: Caller, { params }: FastifyRequest) =>
  userId !== null && (params as { userId?: string }).userId === userId;

/** Caller, trace, request id and client of a request, for createClient's calls. */
export function contextOf(request: FastifyRequest): CallContext {
  return {
    caller: request.caller,
    traceparent: request.traceparent,
    requestId: request.id,
    client: clientOf(request),
  };
}

/**
 * Where the person is for whom another service asks. Headers count only beside the internal token
 * that serve() has checked.
 */
function clientOf(request: FastifyRequest): ClientOrigin {
  const agent = headerOf(request, CLIENT_AGENT_HEADER);
  return { ip: headerOf(request, CLIENT_IP_HEADER), userAgent: agent && decodeAgent(agent) };
}

const headerOf = (request: FastifyRequest, name: string): string | undefined => {
  const value = request.headers[name];
  return typeof value === 'string' ? value : undefined;
};

function decodeAgent(text: string): string | undefined {
  try {
    return decodeURIComponent(text).slice(0, 512);
  } catch {
    return undefined;
  }
}

/**
 * The actor and the address as audit events hold them. A log-in's handler gives its own `caller`
 * and `client`.
 */
export function originOf(context: CallContext): AuditOrigin {
  const { caller, client, requestId = null, traceparent } = context;
  return {
    tenantId: caller?.tenantId ?? '',
    actor: actorOf(caller),
    ip: client?.ip ?? null,
    userAgent: client?.userAgent ?? null,
    edition: caller?.edition ?? null,
    requestId,
    traceparent,
  };
}

function actorOf(caller: Caller | undefined): AuditOrigin['actor'] {
  const anonymous = { userId: null, apiKeyId: null, service: null };
  if (caller?.userId) return { ...anonymous, kind: 'user', userId: caller.userId };
  if (caller?.apiKeyId) return { ...anonymous, kind: 'api_key', apiKeyId: caller.apiKeyId };
  // Before a log-in the gateway calls as an anonymous actor.
  if (caller?.role === 'service' && caller.service !== 'gateway')
    return { ...anonymous, kind: 'service', service: caller.service };
  return { ...anonymous, kind: 'anonymous' };
}

/** The status of success: the lowest of `responses` (JavaScript orders numeric keys so). */
export function successStatus(contract: Pick<RouteContract, 'responses'>): number {
  return Number(Object.keys(contract.responses)[0] ?? 200);
}

function handlerInput<R extends RouteContract>(
  contract: R,
  request: FastifyRequest,
  reply: FastifyReply,
  input: RouteInput<R>,
): HandlerInput<R> {
  const callKey = callKeyOf(contract, request.headers, input);
  return {
    ...input,
    caller: request.caller as HandlerInput<R>['caller'],
    log: request.log,
    get context() {
      return contextOf(request);
    },
    get origin() {
      return { ...originOf(contextOf(request)), callKey };
    },
    request,
    reply,
  };
}

// What is parsed is what goes over the wire: dates have become texts and undefined fields are gone.
function checkResponse(contract: RouteContract, status: number, output: unknown): void {
  const schema: z.ZodType | undefined = contract.responses[status];
  const where = `${contract.method} ${contract.path} answered ${status}`;
  if (!schema)
    throw new AppError('internal', 'Internal error', {
      cause: new Error(`${where}, which its contract does not know`),
    });
  const wire: unknown = output === undefined ? undefined : JSON.parse(JSON.stringify(output));
  const result = schema.safeParse(wire);
  if (result.success) return;
  const problems = fieldErrors(result.error, wire).map(({ field, message }) => `${field}: ${message}`);
  const cause = new Error(`${where} against its contract: ${problems.join('; ')}`);
  throw new AppError('internal', 'Internal error', { cause });
}
