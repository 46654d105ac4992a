/** How a receiver answers. */
export interface ReceiverPlan {
  status: number;
  headers: Record<string, string>;
  body: string;
  delayMs: number;
  /** `hang`: no answer. `reset`: the connection is cut. `drip`: a body without an end. */
  fault: 'none' | 'hang' | 'reset' | 'drip';
  /** Answers so often; then it is well again. Null: until another plan comes. */
  times: number | null;
}

/** A webhook that came to a receiver. */
export interface ReceivedWebhook {
  /** ISO 8601 */
  at: string;
  headers: Record<string, string>;
  /** The bytes as text: what is signed. */
  body: string;
  /** Null: it got no answer. */
  status: number | null;
}

export interface Receivers {
  plan(name: string, plan: ReceiverPlan): void;
  /** The plan of the next answer; it counts as used. */
  next(name: string): ReceiverPlan;
  keep(name: string, webhook: ReceivedWebhook): void;
  /** Oldest first. */
  list(name: string): ReceivedWebhook[];
  clear(): void;
}

export const WELL: ReceiverPlan = { status: 204, headers: {}, body: '', delayMs: 0, fault: 'none', times: null };
const MAX_NAMES = 1000;
const MAX_KEPT = 20_000;

/** Receivers of webhooks, each by a name of its own. They are there as soon as they are asked. */
export function createReceivers(): Receivers {
  const plans = new Map<string, ReceiverPlan>();
  const kept = new Map<string, ReceivedWebhook[]>();
  return {
    plan: (name, plan) => void plans.set(name, { ...plan }),
    next(name) {
      const plan = plans.get(name);
      if (!plan) return WELL;
      if (plan.times !== null && --plan.times <= 0) plans.delete(name);
      return plan;
    },
    keep(name, webhook) {
      const list = kept.get(name) ?? [];
      list.push(webhook);
      if (list.length > MAX_KEPT) list.shift();
      kept.set(name, list);
      if (kept.size > MAX_NAMES) kept.delete(kept.keys().next().value!);
    },
    list: (name) => [...(kept.get(name) ?? [])],
    clear() {
      plans.clear();
      kept.clear();
    },
  };
}
