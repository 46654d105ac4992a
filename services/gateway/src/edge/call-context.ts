import type { Caller, ClientOrigin } from '@recado/service-kit';

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
