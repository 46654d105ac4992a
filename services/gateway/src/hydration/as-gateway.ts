import { serviceCaller } from '@recado/service-kit';
import type { CallContext } from '../edge/call-context.ts';

/**
 * The same call as the gateway itself. For names and sums in what the caller may see: a role
 * without `users.read` still reads an author's name. Never for what the caller names or changes.
 */
export const asGateway = (call: CallContext): CallContext => ({
  ...call,
  caller: serviceCaller('gateway', call.caller.tenantId),
});
