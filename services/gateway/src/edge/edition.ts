import type { Edition as EditionName, ErrorCode, HttpMethod, Permission } from '@recado/contracts';
import type { Caller, ClientOrigin } from '@recado/service-kit';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { Principal } from '../auth/verify-token.ts';
import type { GatewayDeps } from '../deps.ts';
import type { Language } from '../languages/language.ts';
import type { LoginDevice } from './device.ts';

/** An error as an edition is about to say it: in its language, with its status. */
export interface EdgeError {
  status: number;
  code: ErrorCode;
  message: string;
  details: { field: string; message: string }[] | null;
  entity: string | null;
  /** With `two_factor_required`: what the second step of the log-in shows. */
  challengeToken: string | null;
  /** Seconds until another try makes sense; also in `Retry-After`. */
  retryAfter?: number | null;
}

/** What goes along on every call to a service. */
export interface CallContext {
  caller: Caller;
  requestId: string;
  traceparent: string;
  /** Where the person is who asks, for the audit log. */
  client?: ClientOrigin | undefined;
  /** Redis said in this request that the caller's session or key is not revoked. */
  vouched?: boolean | undefined;
  /**
   * Stable for one Idempotency-Key of one caller and route, for services whose routes keep what they did under it. A handler that calls the
   * same creating route more than once gives each call a key of its own (`subKey`).
   */
  idempotencyKey?: string | undefined;
}

export interface EditionContext<Params = unknown, Query = unknown, Body = unknown> {
  params: Params;
  query: Query;
  body: Body;
  deps: GatewayDeps;
  /** For `deps.clients.<service>.<route>(input, call)`. */
  call: CallContext;
  /** Null on routes open to anyone. */
  principal: Principal | null;
  /** For login's records. */
  client: { ip: string; userAgent: string | undefined } & Partial<LoginDevice>;
  request: FastifyRequest;
  reply: FastifyReply;
}

/** A pace of one person, beside the tenant's windows: `name` is what is counted, so routes that do the same share it. */
export interface UserLimit {
  name: string;
  perMinute: number;
}

/**
 * How long an answer may be kept (scheduler.md's table). `dynamic`: not without asking again. `personal`: five minutes by the person's own
 * browser; only for what hardly changes and decides nothing. `none`: not at all, for tokens and secrets.
 */
export type CachePolicy = 'dynamic' | 'personal' | 'none';

type Parsed<S> = S extends z.ZodType ? z.output<S> : undefined;

export interface EditionRoute<
  Params extends z.ZodType | undefined = z.ZodType | undefined,
  Query extends z.ZodType | undefined = z.ZodType | undefined,
  Body extends z.ZodType | undefined = z.ZodType | undefined,
  Responses extends Record<number, z.ZodType> = Record<number, z.ZodType>,
> {
  method: HttpMethod;
  /** Below the edition's prefix, with `:name` parameters, as its document writes it. */
  path: string;
  summary: string;
  description?: string;
  tag: string;
  /** `bearer`: an access token of any edition. `optional`: who shows none, or a dead one, is nobody. */
  auth: 'bearer' | 'optional' | 'none';
  permission?: Permission;
  /** Takes a person: 403 for API keys, which have no user. */
  person?: boolean;
  /** A company that has not proved its e-mail may call it. GETs always may; every other route answers it 403 `email_unproved`. */
  unproved?: true;
  /** Default: `dynamic` with a token, `none` without (log-ins answer tokens). */
  cache?: CachePolicy;
  /** Counted per user (or API key) and refused with 429 beyond it. */
  userLimit?: UserLimit;
  /** Routes without a token, reading ones aside, are counted against their address; false: webhooks aren't. */
  addressLimit?: boolean;
  /** Somebody logs in here: the client's device is recognised, or gets a mark. */
  device?: boolean;
  /**
   * POST routes with a token keep their answer under the client's Idempotency-Key, if it sends one; false: this one doesn't. `owner`: the answer
   * holds a secret, so only the service that made it keeps it, sealed.
   */
  idempotent?: boolean | 'owner';
  /** What a path id names, or each of several: an id that can't exist answers 404 like one that doesn't. */
  entity?: string | Record<string, string>;
  /** A service's field names where this route spells them otherwise than the edition's rule would. */
  fields?: Record<string, string>;
  params?: Params;
  query?: Query;
  body?: Body;
  /** The first status is the one of success. Answers are typed by it, and not parsed again. */
  responses: Responses;
  /** Default: application/json. */
  contentType?: string;
  handle(
    context: EditionContext<Parsed<Params>, Parsed<Query>, Parsed<Body>>,
  ): Promise<z.input<Responses[keyof Responses]>>;
}

/** A route with its types forgotten, as the mount keeps it. */
export type AnyEditionRoute = Omit<EditionRoute, 'handle'> & { handle(context: EditionContext): Promise<unknown> };

/** Declares one route of an edition; `handle` is typed by the schemas beside it. */
export function editionRoute<
  Params extends z.ZodType | undefined,
  Query extends z.ZodType | undefined,
  Body extends z.ZodType | undefined,
  Responses extends Record<number, z.ZodType>,
>(route: EditionRoute<Params, Query, Body, Responses>): AnyEditionRoute {
  // Sound: the mount parses with the same schemas before it calls `handle`.
  return route as unknown as AnyEditionRoute;
}

/** A route that takes webhooks as raw bytes; documented here, served by webhooks/mount.ts. */
export interface WebhookRoute {
  path: string;
  summary: string;
  /** The path parameter that names the channel; null: the payload's phone_number_id does. */
  channelParam: string | null;
}

/** An edition is data: the mount serves it, docs.ts describes it. */
export interface Edition {
  name: EditionName;
  /** Its path on any host. */
  prefix: string;
  title: string;
  version: string;
  /** For its OpenAPI document. */
  description: string;
  language: Language;
  /** Sentences this edition's document words otherwise than its language does. */
  texts?: Partial<Record<ErrorCode, string>>;
  /** Statuses this edition's document gives otherwise than the one table; 422 mostly. */
  statuses?: Partial<Record<number, number>>;
  /** Routes with a bearer below this path (under the prefix) want `X-Tenant-Slug`, and it must name the bearer's tenant. */
  tenantSlugBelow?: string;
  /** A service's field name in this edition's spelling. */
  fieldName?: (internal: string) => string;
  errorBody(error: EdgeError): unknown;
  /** Shape of `errorBody`, for OpenAPI. */
  errorSchema: z.ZodType;
  routes: readonly AnyEditionRoute[];
  webhooks?: readonly WebhookRoute[];
}
