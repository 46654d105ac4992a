import { serviceCaller } from '@recado/service-kit';
import type { CallContext } from '../edge/call-context.ts';

/**
 * The same call on the gateway's own account: for names and sums that belong to what the route's permission lets the caller see, so that
 * a role without `users.read` still reads who wrote a message. Never for what the caller names or changes.
 */
export const asGateway = (call: CallContext): CallContext => ({
  ...call,
  caller: serviceCaller('gateway', call.caller.tenantId),
});
