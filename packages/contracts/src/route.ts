import type { z } from 'zod';
import type { ServiceName } from './event.ts';
import type { Permission } from './permissions.ts';

export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** `operator`: the operator's commands. */
export type RouteCaller = ServiceName | 'operator';

/**
 * A permission, or any of several. `anyone`: every caller, about themselves or their tenant.
 * `service`: services on their own account alone.
 */
export type RouteAccess = Permission | readonly Permission[] | 'anyone' | 'service';

/**
 * A route as data. `serve()` registers it, `createClient()` calls it, OpenAPI and the types come
 * from it. The first status in `responses` is the one of success.
 */
export interface RouteContract<
  Params extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
  Responses extends Record<number, z.ZodType> = Record<number, z.ZodType>,
> {
  method: HttpMethod;
  /** With `:name` parameters. */
  path: string;
  params?: Params;
  query?: Query;
  body?: Body;
  responses: Responses;
  summary: string;
  description?: string;
  tags?: string[];
  /** `none`: no token is needed (JWKS, health). Default: an internal token. */
  auth?: 'internal' | 'none';
  /** Of every route that needs a token: whom `serve()` admits. */
  access?: RouteAccess;
  /** It also admits the user whom `:userId` names. */
  orSelf?: true;
  /**
   * Every POST route: `true` makes the change once per Idempotency-Key and repeats the first answer
   * (database's `once`). `{ none: 'why' }` when a repeated call needs no key.
   */
  once?: true | { none: string };
  /** Services that may call it on their own account, beside the gateway. None by default. */
  callers?: readonly RouteCaller[];
  /**
   * A call that may be repeated without a second effect, so a client may retry it. GETs always may.
   */
  idempotent?: boolean;
  /**
   * Every route but GET: the action in the audit log (`user.update`). The verb emits this one audit
   * event in its transaction. `{ none: 'why' }` when there is none (audit.test.ts).
   */
  audit?: string | { none: string };
  /**
   * Asks Postgres whether the session or API key is alive. For changes to rights, credentials or
   * money (live.test.ts). `{ none: 'why' }` for an exception among those.
   */
  live?: true | { none: string };
  /**
   * A user of a company without a proved e-mail may call it. GETs always may; every other route is
   * refused to them.
   */
  unproved?: true;
  /** Bytes; the service's default else. */
  bodyLimit?: number;
  /** Milliseconds that a call may take; the client's own limit else. */
  deadlineMs?: number;
}

/** The Idempotency-Key of a call, and what was asked under it. */
export interface CallKey {
  route: string;
  key: string;
  /** Digest of parameters, query and body. */
  request: string;
}

type Shape<T> = T extends z.ZodType ? T : z.ZodUndefined;
type Loose = { params?: z.ZodType; query?: z.ZodType; body?: z.ZodType; responses: Record<number, z.ZodType> };

/** Declares one route; the literal types of its schemas are kept. */
export function route<const R extends RouteContract>(contract: R): R {
  return contract;
}

/** Declares a service's internal API: named routes. */
export function defineApi<const A extends Record<string, RouteContract>>(api: A): A {
  return api;
}

/** What a handler receives, after parsing. */
export type RouteInput<R extends Loose> = {
  params: R['params'] extends z.ZodType ? z.output<R['params']> : undefined;
  query: R['query'] extends z.ZodType ? z.output<R['query']> : undefined;
  body: R['body'] extends z.ZodType ? z.output<R['body']> : undefined;
};

type Optional<K extends string, T> = undefined extends T ? { [P in K]?: T } : { [P in K]: T };
type ClientPart<K extends string, S> = S extends z.ZodType
  ? Record<string, never> extends z.input<S>
    ? { [P in K]?: z.input<S> }
    : Optional<K, z.input<S>>
  : { [P in K]?: undefined };

/** What a client sends, before parsing. */
export type ClientInput<R extends Loose> = ClientPart<'params', R['params']> &
  ClientPart<'query', R['query']> &
  ClientPart<'body', R['body']>;

/** The body of any documented answer of success. */
export type RouteOutput<R extends Loose> = z.output<R['responses'][keyof R['responses']]>;
export type RouteResult<R extends Loose> = z.input<R['responses'][keyof R['responses']]>;
export type { Shape };
