import type { RouteContract } from '@recado/contracts';
import { AppError, type Client, type CallContext as KitCallContext } from '@recado/service-kit';

/** A call, and whether Redis said in this request that its session or key is not revoked. */
export type VouchedContext = KitCallContext & { vouched?: boolean | undefined };

export type RequireLive = (context: VouchedContext) => Promise<void>;

type CheckLive = (input: Record<string, never>, context: KitCallContext) => Promise<unknown>;

/**
 * Checks a session before changes to rights, credentials or money. Asks identity each time; while
 * it is away Redis decides.
 * @throws Unauthorized for a session that is over, Unavailable when neither answers
 */
export function createRequireLive(checkLive: CheckLive): RequireLive {
  return async (context) => {
    try {
      await checkLive({}, context);
    } catch (error) {
      const unknown = error instanceof AppError && error.status === 503;
      if (!unknown || !context.vouched) throw error;
    }
  };
}

/** A client whose `live` routes are called only for sessions and keys that are alive. */
export function guardLiveRoutes<const A extends Record<string, RouteContract>>(
  api: A,
  client: Client<A>,
  requireLive: RequireLive,
): Client<A> {
  const calls = client as Record<string, (input: unknown, context?: VouchedContext) => Promise<unknown>>;
  const guarded = Object.entries(api)
    .filter(([, { live }]) => live === true)
    .map(([name]) => [
      name,
      async (input: unknown, context: VouchedContext = {}) => {
        await requireLive(context);
        return calls[name]!(input, context);
      },
    ]);
  return { ...client, ...Object.fromEntries(guarded) };
}
