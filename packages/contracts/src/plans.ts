/** Of one file. WhatsApp takes no larger one. */
export const MAX_FILE_BYTES = 100 * 1024 * 1024;
const GB = 1024 ** 3;

/**
 * The one catalogue of plans. Null means unlimited. Requests are windows per tenant: saas.md's
 * table for its plans; `starter` and `business` (bots.md) take the nearest.
 */
export const PLANS = {
  basic: plan('Basic', {
    maxUsers: 5,
    maxChannels: 1,
    maxMessages: 5_000,
    maxConversations: 200,
    requests: { minute: 20, hour: 500, day: 5_000, month: 50_000 },
    ...small(),
  }),
  pro: plan('Pro', {
    maxUsers: 20,
    maxChannels: 5,
    maxMessages: 20_000,
    maxConversations: 1_000,
    requests: { minute: 60, hour: 2_000, day: 20_000, month: 200_000 },
    ...medium(),
  }),
  enterprise: plan('Enterprise', {
    maxUsers: null,
    maxChannels: null,
    maxMessages: null,
    maxConversations: null,
    requests: { minute: 200, hour: 10_000, day: 100_000, month: 1_000_000 },
    inbound: { itemsPerSecond: 4_000, burstSeconds: 60, bytesPerItem: 4_096 },
    ai: { tokensPerDay: null, tokensPerMonth: null },
    sockets: { perUser: 100, perTenant: 20_000 },
    files: { maxBytes: null },
  }),
  starter: plan('Starter', {
    maxUsers: 3,
    maxChannels: 1,
    maxMessages: 1_000,
    maxConversations: 200,
    requests: { minute: 20, hour: 500, day: 5_000, month: 50_000 },
    ...small(),
  }),
  business: plan('Business', {
    maxUsers: 20,
    maxChannels: 3,
    maxMessages: 5_000,
    maxConversations: 1_000,
    requests: { minute: 60, hour: 2_000, day: 20_000, month: 200_000 },
    ...medium(),
  }),
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
  /**
   * What one number may receive: messages and statuses. The bucket holds `burstSeconds` of items
   * and bytes. Beyond it the provider gets 429 and sends again later.
   */
  inbound: { itemsPerSecond: number; burstSeconds: number; bytesPerItem: number };
  /** Model tokens of a tenant that uses the installation's model key. */
  ai: { tokensPerDay: number | null; tokensPerMonth: number | null };
  /** Open sockets at one time, over all gateways. */
  sockets: { perUser: number; perTenant: number };
  /** Stored files with what is made of them; null: unlimited. */
  files: { maxBytes: number | null };
}

function plan(displayName: string, limits: Omit<Plan, 'displayName'>): Plan {
  return { displayName, ...limits };
}

/** A small company: one number that answers its customers. */
function small(): Pick<Plan, 'inbound' | 'ai' | 'sockets' | 'files'> {
  return {
    inbound: { itemsPerSecond: 50, burstSeconds: 60, bytesPerItem: 4_096 },
    ai: { tokensPerDay: 200_000, tokensPerMonth: 3_000_000 },
    sockets: { perUser: 20, perTenant: 100 },
    files: { maxBytes: 5 * GB },
  };
}

/**
 * A contact centre: numbers that also send broadcasts, with up to three statuses for each message.
 */
function medium(): Pick<Plan, 'inbound' | 'ai' | 'sockets' | 'files'> {
  return {
    inbound: { itemsPerSecond: 320, burstSeconds: 60, bytesPerItem: 4_096 },
    ai: { tokensPerDay: 1_000_000, tokensPerMonth: 20_000_000 },
    sockets: { perUser: 20, perTenant: 1_000 },
    files: { maxBytes: 50 * GB },
  };
}
