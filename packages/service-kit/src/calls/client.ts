import { EventEmitter } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import {
  type ClientInput,
  ERROR_STATUS,
  type ErrorBody,
  type ErrorCode,
  type RouteContract,
  type RouteOutput,
} from '@recado/contracts';
import { Pool } from 'undici';
import type { Caller } from '../callers/caller.ts';
import type { InternalTokens } from '../callers/internal-tokens.ts';
import { AppError, codeForStatus, Unavailable } from '../http/errors.ts';
import { startTraceparent } from '../observe/trace-context.ts';
import { currentTracing } from '../observe/tracing.ts';
import { type ClientSemaphore, createClientSemaphore } from './client-semaphore.ts';

/** For whom and within what a call is made. */
export interface CallContext {
  caller?: Caller | undefined;
  traceparent?: string | undefined;
  requestId?: string | undefined;
  /** Gives the call up early. */
  signal?: AbortSignal | undefined;
  idempotencyKey?: string | undefined;
  /** The user's address for the audit log, as the gateway saw it. */
  client?: ClientOrigin | undefined;
}

/** A client as the edge knows it. */
export interface ClientOrigin {
  ip: string | undefined;
  userAgent: string | undefined;
}

/** Between services, beside the internal token: believed only with one. */
export const CLIENT_IP_HEADER = 'x-recado-client-ip';
export const CLIENT_AGENT_HEADER = 'x-recado-client-agent';

export interface ClientOptions {
  /** The service called: the audience of tokens, and what errors and logs name. */
  name: string;
  baseUrl: string;
  /** Those of the service that calls; without them calls carry no token. */
  tokens?: InternalTokens;
  /** Milliseconds for the whole call, repeats included. */
  timeoutMs?: number;
  connections?: number;
  /** Tenants share the connections: one with slow calls does not take those of the others. */
  sharedByTenants?: boolean;
}

/** One method per route of the API, and close(). */
export type Client<A extends Record<string, RouteContract>> = {
  [K in keyof A]: (input: ClientInput<A[K]>, context?: CallContext) => Promise<RouteOutput<A[K]>>;
} & {
  /** Waits for calls under way, then closes the connections. */
  close(): Promise<void>;
};

interface CallInput {
  params?: Record<string, unknown>;
  query?: Record<string, unknown>;
  body?: unknown;
}

// Two repeats, the second later: a restarting service needs about half a second.
const RETRY_PAUSES_MS = [40, 250];
// Below the server's keep-alive (Fastify: 72 s), so that we don't write into a connection it is
// closing.
const KEEP_ALIVE_MS = 20_000;

/**
 * A typed client of an internal API with kept-alive connections and one deadline. GETs and
 * idempotent routes repeat twice after a lost connection or 503; all repeat when nothing was sent.
 * @throws AppError (in its calls) with the service's code; Unavailable without an answer
 */
export function createClient<const A extends Record<string, RouteContract>>(api: A, options: ClientOptions): Client<A> {
  if ('close' in api) throw new Error('A route may not be called close');
  const base = new URL(options.baseUrl);
  const connections = options.connections ?? 16;
  const pool = new Pool(base.origin, {
    connections,
    pipelining: 1,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connect: { timeout: options.timeoutMs ?? 5000 },
  });
  const prefix = base.pathname.replace(/\/$/, '');
  const sign = signerOf(options);
  const semaphore = options.sharedByTenants ? createClientSemaphore(options.name, connections) : null;
  const calls: Record<string, unknown> = { close: () => pool.close() };
  for (const [name, contract] of Object.entries(api)) {
    const call = createCall(pool, prefix, contract, options, sign);
    calls[name] = semaphore ? withSemaphore(call, semaphore, name) : call;
  }
  return calls as Client<A>;
}

type Call = (input: CallInput, context?: CallContext) => Promise<unknown>;

/** The wait for a turn has a deadline of its own, then the call has its. */
function withSemaphore(call: Call, semaphore: ClientSemaphore, route: string): Call {
  return async (input, context = {}) => {
    const end = await semaphore.take(context, route);
    try {
      return await call(input, context);
    } finally {
      end();
    }
  };
}

function signerOf({ tokens, name }: ClientOptions): (caller: Caller) => string {
  return tokens ? (caller) => tokens.sign(caller, name) : () => '';
}

function createCall(
  pool: Pool,
  prefix: string,
  contract: RouteContract,
  { name, ...options }: ClientOptions,
  sign: (caller: Caller) => string,
): Call {
  const buildPath = compilePath(prefix + contract.path);
  const timeoutMs = contract.deadlineMs ?? options.timeoutMs ?? 5000;
  const repeatable = contract.method === 'GET' || contract.idempotent === true;
  const target = `${contract.method} ${contract.path}`;

  async function attempt(path: string, headers: Record<string, string>, body: string | null, signal: EventEmitter) {
    const response = await pool.request({
      method: contract.method,
      path,
      headers,
      body,
      signal,
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    const text = await response.body.text();
    if (response.statusCode < 300) return text === '' ? null : (JSON.parse(text) as unknown);
    throw remoteError(name, target, response.statusCode, text);
  }

  return async (input, context = {}) => {
    const path = buildPath(input?.params) + queryString(input?.query);
    const body = input?.body === undefined ? null : JSON.stringify(input.body);
    const headers = headersOf(context, sign, body !== null);
    const isRepeatable = repeatable || (contract.once === true && context.idempotencyKey !== undefined);
    const deadline = startDeadline(timeoutMs, context.signal);
    try {
      for (let tries = 0; ; tries++) {
        try {
          return await attempt(path, headers, body, deadline.signal);
        } catch (error) {
          if (deadline.expired) throw new Unavailable(name, error, deadline.reason(name, timeoutMs));
          const wait = RETRY_PAUSES_MS[tries];
          if (wait === undefined || !mayRepeat(error, isRepeatable) || deadline.left() <= wait)
            throw asAppError(name, error);
          await pause(wait);
        }
      }
    } finally {
      deadline.clear();
    }
  };
}

/**
 * One timer for a whole call. undici's own timeouts restart with every repeat and every piece of a
 * body.
 */
function startDeadline(timeoutMs: number, outer: AbortSignal | undefined) {
  const ends = performance.now() + timeoutMs;
  // An emitter costs a tenth of an AbortController, and undici takes either.
  const signal: EventEmitter & { aborted?: boolean } = new EventEmitter();
  let cancelled = false;
  const abort = () => {
    signal.aborted = true;
    signal.emit('abort');
  };
  const cancel = () => {
    cancelled = true;
    abort();
  };
  const timer = setTimeout(abort, timeoutMs);
  if (outer?.aborted) cancel();
  else outer?.addEventListener('abort', cancel, { once: true });
  return {
    signal,
    get expired() {
      return signal.aborted === true;
    },
    left: () => ends - performance.now(),
    reason: (name: string, ms: number) =>
      cancelled ? `The call to ${name} was given up` : `${name} did not answer within ${ms} ms`,
    clear() {
      clearTimeout(timer);
      outer?.removeEventListener('abort', cancel);
    },
  };
}

const NOT_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);
const LOST = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'UND_ERR_SOCKET', 'UND_ERR_CLOSED', 'UND_ERR_DESTROYED']);

function mayRepeat(error: unknown, repeatable: boolean): boolean {
  if (error instanceof AppError) return repeatable && error.code === 'unavailable';
  const code = networkCode(error);
  return code !== undefined && (NOT_SENT.has(code) || (repeatable && LOST.has(code)));
}

function networkCode(error: unknown): string | undefined {
  const { code, errors } = error as { code?: string; errors?: { code?: string }[] };
  return code ?? errors?.[0]?.code;
}

function asAppError(name: string, error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (error instanceof SyntaxError) {
    return new AppError('bad_gateway', `${name} did not answer with JSON`, { cause: error });
  }
  return new Unavailable(name, error);
}

/** The error a service answered with, as if it had been thrown here. */
export function remoteError(name: string, target: string, status: number, text: string): AppError {
  const cause = new Error(`${name} answered ${status} to ${target}`);
  const error = parseErrorBody(text);
  const code = error && error.code in ERROR_STATUS ? (error.code as ErrorCode) : codeForStatus(status);
  if (!error) return new AppError(code, cause.message, { cause });
  const { message, details, entity, retryAfter, challengeToken } = error;
  return new AppError(code, message, { details, entity, retryAfter, challengeToken, cause });
}

function parseErrorBody(text: string): ErrorBody['error'] | undefined {
  try {
    const { error } = JSON.parse(text) as Partial<ErrorBody>;
    return typeof error?.code === 'string' && typeof error.message === 'string' ? error : undefined;
  } catch {
    return undefined;
  }
}

function headersOf(context: CallContext, sign: (caller: Caller) => string, hasBody: boolean): Record<string, string> {
  const headers: Record<string, string> = {
    traceparent: currentTracing()?.active() ?? context.traceparent ?? startTraceparent(),
  };
  if (hasBody) headers['content-type'] = 'application/json';
  if (context.requestId) headers['x-request-id'] = context.requestId;
  if (context.idempotencyKey) headers['idempotency-key'] = context.idempotencyKey;
  if (context.client) {
    if (context.client.ip) headers[CLIENT_IP_HEADER] = context.client.ip;
    // Header values are Latin-1 without control characters; a client may send any text.
    if (context.client.userAgent) headers[CLIENT_AGENT_HEADER] = encodeURIComponent(context.client.userAgent);
  }
  const token = context.caller && sign(context.caller);
  if (token) headers.authorization = `Bearer ${token}`;
  return headers;
}

function compilePath(pattern: string): (params: Record<string, unknown> | undefined) => string {
  const parts = pattern.split(/:(\w+)/);
  if (parts.length === 1) return () => pattern;
  return (params) => {
    let path = parts[0]!;
    for (let i = 1; i < parts.length; i += 2) {
      const value = params?.[parts[i]!];
      if (value === undefined || value === null || value === '')
        throw new Error(`${pattern} needs the parameter ${parts[i]}`);
      path += encodeURIComponent(String(value)) + parts[i + 1]!;
    }
    return path;
  };
}

function queryString(query: Record<string, unknown> | undefined): string {
  if (!query) return '';
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value === undefined || value === null) continue;
    for (const one of Array.isArray(value) ? value : [value])
      search.append(key, one instanceof Date ? one.toISOString() : String(one));
  }
  const text = search.toString();
  return text ? `?${text}` : '';
}
