import {
  type ConflictCause,
  ERROR_STATUS,
  type ErrorBody,
  type ErrorCode,
  type FieldError,
  findPostgresErrorClass,
  isSocketError,
  type MissingThing,
  POSTGRES_ERROR_RULES,
  postgresErrorClass,
} from '@recado/contracts';

export interface AppErrorOptions {
  details?: FieldError[];
  /** What was not found or conflicts, e.g. `conversation`. */
  entity?: string;
  /** Seconds until another try makes sense; also sent as `Retry-After`. */
  retryAfter?: number;
  /** With `two_factor_required`: what the second step shows. */
  challengeToken?: string;
  /** Kept for the log, never sent. */
  cause?: unknown;
}

/** An error with a code of the one table in contracts; its HTTP status follows from the code. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  readonly details: FieldError[] | undefined;
  readonly entity: string | undefined;
  readonly retryAfter: number | undefined;
  readonly challengeToken: string | undefined;

  constructor(code: ErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.status = ERROR_STATUS[code];
    this.details = options.details;
    this.entity = options.entity;
    this.retryAfter = options.retryAfter;
    this.challengeToken = options.challengeToken;
  }
}

/**
 * 404. Says the same whether the thing is missing or another tenant's: `id` goes to the log only.
 */
export class NotFound extends AppError {
  constructor(entity: MissingThing, id?: string) {
    super('not_found', `${capital(entity)} not found`, { entity, cause: id === undefined ? undefined : { id } });
  }
}

/** 409: the state or a unique key says no. `details` where one field is to blame. */
export class Conflict extends AppError {
  constructor(message: string, entity?: ConflictCause, details?: FieldError[]) {
    super('conflict', message, { entity, details });
  }
}

/** 403: known, but not allowed. */
export class Forbidden extends AppError {
  constructor(message = 'Not allowed', code: ErrorCode = 'forbidden') {
    super(code, message);
  }
}

/** 403: the company has not proved its e-mail, and may only read until then. */
export class EmailUnproved extends Forbidden {
  constructor() {
    super('The e-mail of this company is not proved', 'email_unproved');
  }
}

/** 401: not known. */
export class Unauthorized extends AppError {
  constructor(message = 'Authentication required', code: ErrorCode = 'unauthorized') {
    super(code, message);
  }
}

/** 422 with every bad field. */
export class ValidationFailed extends AppError {
  constructor(details: FieldError[], message = 'Some fields are not valid') {
    super('validation_failed', message, { details });
  }
}

/** 422: well formed, but the rules say no. `code` defaults to `unprocessable`. */
export class Unprocessable extends AppError {
  constructor(code: ErrorCode | undefined, message: string, details?: FieldError[]) {
    super(code ?? 'unprocessable', message, { details });
  }
}

/** 429 with `Retry-After`. */
export class TooManyRequests extends AppError {
  constructor(retryAfterSeconds: number, message = 'Too many requests') {
    super('too_many_requests', message, { retryAfter: Math.max(1, Math.ceil(retryAfterSeconds)) });
  }
}

/** 403: the tenant's plan allows no more of `limit` (e.g. `maxChannels`). */
export class PlanLimit extends AppError {
  constructor(limit: string, message = `The plan's limit is reached: ${limit}`) {
    super('plan_limit', message, { entity: limit });
  }
}

/**
 * 503: something we depend on (`what`: `postgres`, `conversation`) is away; trying again makes
 * sense.
 */
export class Unavailable extends AppError {
  constructor(what: string, cause?: unknown, message = `${what} is unavailable`) {
    super('unavailable', message, { entity: what, cause, retryAfter: 1 });
  }
}

/** The wire form of an error. Causes and stacks stay here. */
export function errorBodyOf(error: AppError): ErrorBody {
  const body: ErrorBody = { error: { code: error.code, message: error.message } };
  if (error.entity !== undefined) body.error.entity = error.entity;
  if (error.details !== undefined) body.error.details = error.details;
  if (error.retryAfter !== undefined) body.error.retryAfter = error.retryAfter;
  if (error.challengeToken !== undefined) body.error.challengeToken = error.challengeToken;
  return body;
}

/**
 * The one mapping of thrown values to AppError. Framework refusals keep their status, lost
 * connections become 503, everything else is `internal` (500) with its cause.
 */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const framework = fromFramework(error);
  if (framework) return framework;
  const postgres = fromPostgres(error);
  if (postgres) return postgres;
  const lost = lostConnection(error);
  if (lost) return new Unavailable(lost, error);
  return new AppError('internal', 'Internal error', { cause: error });
}

const FRAMEWORK: Record<string, [ErrorCode, string]> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['payload_too_large', 'The body is too large'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['unsupported_media_type', 'Unsupported content type'],
  FST_ERR_CTP_INVALID_JSON_BODY: ['malformed_json', 'The body is not valid JSON'],
  FST_ERR_CTP_EMPTY_JSON_BODY: ['malformed_json', 'The body is empty'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['bad_request', 'Content-Length does not match the body'],
  FST_ERR_BAD_URL: ['bad_request', 'The URL is not valid'],
  RECADO_CALL_KEY_MISMATCH: ['idempotency_mismatch', 'The Idempotency-Key was used for another request'],
  FST_ERR_NOT_FOUND: ['route_not_found', 'No such route'],
};

const BY_STATUS: Record<number, ErrorCode> = {
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  405: 'method_not_allowed',
  409: 'conflict',
  413: 'payload_too_large',
  415: 'unsupported_media_type',
  422: 'unprocessable',
  429: 'too_many_requests',
  500: 'internal',
  502: 'bad_gateway',
  503: 'unavailable',
  504: 'unavailable',
};

/** The nearest code of the table for a bare HTTP status. */
export function codeForStatus(status: number): ErrorCode {
  return BY_STATUS[status] ?? (status >= 500 ? 'bad_gateway' : 'bad_request');
}

function fromFramework(error: unknown): AppError | undefined {
  const { code, statusCode } = (error ?? {}) as { code?: unknown; statusCode?: unknown };
  const known = typeof code === 'string' ? FRAMEWORK[code] : undefined;
  if (known) return new AppError(known[0], known[1], { cause: error });
  // Fastify and its plugins put a status of 4xx on refusals whose message is meant for the client.
  if (error instanceof Error && typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500) {
    return new AppError(codeForStatus(statusCode), error.message, { cause: error });
  }
  return undefined;
}

/** Errors of Postgres that say more than that it is away. */
function fromPostgres(error: unknown): AppError | undefined {
  switch (findPostgresErrorClass(error)) {
    case 'tenant-busy':
      return new TooManyRequests(1, 'Too many requests of this account are under way');
    case 'pool-busy':
      return new Unavailable('postgres', error, 'Too many requests wait for postgres');
    case 'timeout':
      return new Unavailable('postgres', error, 'The request took too long');
    default:
      return undefined;
  }
}

const HTTP_CLIENT_CODES = new Set([
  'UND_ERR_SOCKET',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
]);
const NATS_NAMES = new Set([
  'ClosedConnectionError',
  'ConnectionError',
  'DrainingConnectionError',
  'NoRespondersError',
  'TimeoutError',
]);
const REDIS_NAMES = new Set(['MaxRetriesPerRequestError', 'ClusterAllFailedError', 'AbortError']);

/**
 * The dependency that a failed call lost (`postgres`, `nats`, `redis`, or `connection` when
 * unknown), or null for other errors. Looks through causes.
 */
export function lostConnection(error: unknown, depth = 0): string | null {
  if (!(error instanceof Error) || depth > 4) return null;
  const { name, message } = error;
  const code = (error as { code?: unknown }).code;
  if (typeof code === 'string') {
    const found = postgresErrorClass(code);
    if (found && POSTGRES_ERROR_RULES[found].status === 503) return 'postgres';
    if (HTTP_CLIENT_CODES.has(code) || isSocketError(error)) return 'connection';
  }
  if (NATS_NAMES.has(name)) return 'nats';
  if (
    REDIS_NAMES.has(name) ||
    /^(?:LOADING|MASTERDOWN|READONLY|OOM|MISCONF|CLUSTERDOWN) |^Connection is closed\.?$/.test(message)
  )
    return 'redis';
  if (error instanceof AggregateError) {
    for (const inner of error.errors) {
      const lost = lostConnection(inner, depth + 1);
      if (lost) return lost;
    }
  }
  return lostConnection(error.cause, depth + 1);
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
