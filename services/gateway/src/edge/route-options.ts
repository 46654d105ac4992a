import type { HttpMethod, MissingThing, Permission } from '@recado/contracts';

/**
 * A pace of one person, beside the tenant's windows: `name` is what is counted, so routes that do
 * the same share it.
 */
export interface UserLimit {
  name: string;
  perMinute: number;
}

/**
 * How long an answer may be kept (scheduler.md). `dynamic`: ask again each time. `personal`: five
 * minutes in the user's browser, if it decides nothing. `none`: tokens and secrets.
 */
export type CachePolicy = 'dynamic' | 'personal' | 'none';

/** A route of an edition without its schemas and its handler. */
export interface RouteOptions {
  method: HttpMethod;
  /** Below the edition's prefix, with `:name` parameters, as its document writes it. */
  path: string;
  summary: string;
  description?: string;
  tag: string;
  /**
   * `bearer`: an access token of any edition. `optional`: without one the caller is anonymous.
   */
  auth: 'bearer' | 'optional' | 'none';
  permission?: Permission;
  /** Takes a person: 403 for API keys, which have no user. */
  person?: boolean;
  /**
   * A company that has not proved its e-mail may call it. GETs always may; every other route
   * answers it 403 `email_unproved`.
   */
  unproved?: true;
  /** Default: `dynamic` with a token, `none` without (log-ins answer tokens). */
  cache?: CachePolicy;
  /** Counted per user (or API key) and refused with 429 beyond it. */
  userLimit?: UserLimit;
  /**
   * Routes without a token, reading ones aside, are counted against their address; false: webhooks
   * aren't.
   */
  addressLimit?: boolean;
  /** A log-in route: the client's device is recognised, or gets a mark. */
  device?: boolean;
  /**
   * POST routes with a token keep answers under the client's Idempotency-Key, unless false.
   * `owner`: the answer holds a secret, so only the service that made it keeps it, sealed.
   */
  idempotent?: boolean | 'owner';
  /**
   * What a path id names, or each of several: an id that can't exist answers 404 like one that
   * doesn't.
   */
  entity?: MissingThing | Record<string, MissingThing>;
  /**
   * A service's field names where this route spells them otherwise than the edition's rule would.
   */
  fields?: Record<string, string>;
}
