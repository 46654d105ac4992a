/**
 * The one catalogue of plans. Null means unlimited.
 * Windows are requests per tenant: saas.md's table for its plans; `starter` and `business` (bots.md) take the nearest.
 */
export const PLANS = {
  basic: plan('Basic', 5, 1, 5_000, 200, [20, 500, 5_000, 50_000]),
  pro: plan('Pro', 20, 5, 20_000, 1_000, [60, 2_000, 20_000, 200_000]),
  enterprise: plan('Enterprise', null, null, null, null, [200, 10_000, 100_000, 1_000_000]),
  starter: plan('Starter', 3, 1, 1_000, 200, [20, 500, 5_000, 50_000]),
  business: plan('Business', 20, 3, 5_000, 1_000, [60, 2_000, 20_000, 200_000]),
} as const;

export type PlanName = keyof typeof PLANS;
export const PLAN_NAMES = Object.keys(PLANS) as [PlanName, ...PlanName[]];

export interface Plan {
  displayName: string;
  maxUsers: number | null;
  maxChannels: number | null;
  /** A calendar month in the tenant's time zone. */
  maxMessages: number | null;
  maxConversations: number | null;
  requests: { minute: number; hour: number; day: number; month: number };
}

function plan(
  displayName: string,
  maxUsers: number | null,
  maxChannels: number | null,
  maxMessages: number | null,
  maxConversations: number | null,
  windows: [number, number, number, number],
): Plan {
  const [minute, hour, day, month] = windows;
  return { displayName, maxUsers, maxChannels, maxMessages, maxConversations, requests: { minute, hour, day, month } };
}
