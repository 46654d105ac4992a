import type { Caller, ClientOrigin } from '@recado/service-kit';

/** What goes along on every call to a service. */
export interface CallContext {
  caller: Caller;
  requestId: string;
  traceparent: string;
  /** The user's address, for the audit log. */
  client?: ClientOrigin | undefined;
  /** Redis said in this request that the caller's session or key is not revoked. */
  vouched?: boolean | undefined;
  /**
   * Stable per Idempotency-Key, caller and route; services keep results under it. A handler that
   * calls one creating route several times gives each call its own key (`subKey`).
   */
  idempotencyKey?: string | undefined;
}
