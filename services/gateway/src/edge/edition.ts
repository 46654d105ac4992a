import type { Channel, Edition as EditionName } from '@recado/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { Principal } from '../auth/verify-token.ts';
import type { GatewayDeps } from '../deps.ts';
import type { ProofHeader } from '../webhooks/answers.ts';
import type { CallContext } from './call-context.ts';
import type { LoginDevice } from './device.ts';
import type { EditionFormat } from './edition-format.ts';
import type { RouteOptions } from './route-options.ts';

export type { CallContext } from './call-context.ts';
export type { EdgeError } from './edition-format.ts';

export interface EditionContext<Params = unknown, Query = unknown, Body = unknown> {
  params: Params;
  query: Query;
  body: Body;
  deps: GatewayDeps;
  /** For `deps.clients.<service>.<route>(input, call)`. */
  call: CallContext;
  /** Null on open routes. */
  principal: Principal | null;
  /** For login's records. */
  client: { ip: string; userAgent: string | undefined } & Partial<LoginDevice>;
  request: FastifyRequest;
  reply: FastifyReply;
}

/** What a view gives: an answer before its schema's own changes. */
export type View<S extends z.ZodType> = z.input<S>;

type Parsed<S> = S extends z.ZodType ? z.output<S> : undefined;

export interface EditionRoute<
  Params extends z.ZodType | undefined = z.ZodType | undefined,
  Query extends z.ZodType | undefined = z.ZodType | undefined,
  Body extends z.ZodType | undefined = z.ZodType | undefined,
  Responses extends Record<number, z.ZodType> = Record<number, z.ZodType>,
> extends RouteOptions {
  params?: Params;
  query?: Query;
  body?: Body;
  /**
   * A form with one file, which comes as a stream (files/read-upload.ts). For the document; the
   * handler parses the rest.
   */
  upload?: z.ZodType;
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
  /** The providers whose webhooks come to it. */
  provider: Channel['provider'];
  proof: ProofHeader;
  path: string;
  summary: string;
  /** The path parameter that names the channel; null: the payload does. */
  channelParam: string | null;
}

/** An edition is data: the mount serves it, docs.ts describes it. */
export interface Edition extends EditionFormat {
  name: EditionName;
  /** Its path on any host. */
  prefix: string;
  title: string;
  version: string;
  /** For its OpenAPI document. */
  description: string;
  /**
   * Routes with a bearer below this path (under the prefix) want `X-Tenant-Slug`, and it must name
   * the bearer's tenant.
   */
  tenantSlugBelow?: string;
  /** Shape of `errorBody`, for OpenAPI. */
  errorSchema: z.ZodType;
  routes: readonly AnyEditionRoute[];
  webhooks?: readonly WebhookRoute[];
}
