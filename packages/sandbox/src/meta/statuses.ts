import type { Group } from '../groups.ts';
import type { SandboxParts } from '../parts.ts';
import { webhookError } from './errors.ts';

export interface StatusPlan {
  phoneNumberId: string;
  wamid: string;
  recipientId: string;
  /** Each of its people gets the message. */
  group: Group | null;
  bizOpaqueCallbackData: string | null;
  /** Fails with this code instead of being delivered. */
  failWith: number | null;
  /** Read without `delivered` before it, as happens at Meta. */
  skipDelivered: boolean;
  template: boolean;
}

/** Arms the status webhooks of an accepted message. */
export function scheduleStatuses(parts: SandboxParts, plan: StatusPlan): void {
  const { enabled, sentMs, deliveredMs, readMs } = parts.behaviour().statuses;
  if (!enabled) return;
  const push = (key: string, status: object) =>
    parts.webhooks.push(plan.phoneNumberId, { kind: 'status', key, status });
  const tell = (status: string) => {
    const told = statusObject(plan, status);
    const people = status === 'delivered' || status === 'read' ? plan.group?.people : undefined;
    if (!people) return push(`${plan.wamid}:${status}`, told);
    for (const { phone } of people) {
      push(`${plan.wamid}:${status}:${phone}`, { ...told, recipient_participant_id: phone });
    }
  };
  const steps: [string, number | null][] =
    plan.failWith === null
      ? [
          ['sent', sentMs],
          ['delivered', plan.skipDelivered ? null : deliveredMs],
          ['read', readMs],
        ]
      : [['failed', sentMs ?? 0]];
  for (const [status, afterMs] of steps) if (afterMs !== null) parts.timers.after(afterMs, () => tell(status));
}

function statusObject(plan: StatusPlan, status: string): object {
  const now = Math.floor(Date.now() / 1000);
  const category = plan.template ? 'utility' : 'service';
  return {
    id: plan.wamid,
    status,
    timestamp: String(now),
    recipient_id: plan.recipientId,
    ...(plan.group ? { recipient_type: 'group' } : {}),
    ...(plan.bizOpaqueCallbackData === null ? {} : { biz_opaque_callback_data: plan.bizOpaqueCallbackData }),
    ...(status === 'sent' || status === 'delivered'
      ? {
          conversation: {
            id: `${plan.phoneNumberId}${plan.recipientId}`,
            ...(status === 'sent' ? { expiration_timestamp: String(now + 24 * 3600) } : {}),
            origin: { type: category },
          },
          pricing: {
            billable: plan.template,
            pricing_model: 'PMP',
            category,
            type: plan.template ? 'regular' : 'free_customer_service',
          },
        }
      : {}),
    ...(plan.failWith === null ? {} : { errors: [webhookError(plan.failWith)] }),
  };
}
