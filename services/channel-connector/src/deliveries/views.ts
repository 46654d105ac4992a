import type { WebhookDelivery } from '@recado/contracts';
import type { DeliveryRow } from './store.ts';

/** The row as the contract shows it. */
export function viewDelivery({ tenantId: _, ...row }: DeliveryRow): WebhookDelivery {
  return {
    ...row,
    nextTryAt: row.nextTryAt?.toISOString() ?? null,
    createdAt: row.createdAt.toISOString(),
    endedAt: row.endedAt?.toISOString() ?? null,
    erasedAt: row.erasedAt?.toISOString() ?? null,
  };
}
