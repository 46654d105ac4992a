import { type AuditOrigin, aiResponderAudit, type BuiltEvent, buildAudit, changesBetween } from '@recado/contracts';
import type { ConfigRow } from './store.ts';

/** The audit event of a change: what it was and what it became, settings and limits key by key. */
export function configAudit(origin: AuditOrigin, before: ConfigRow, after: ConfigRow, at: Date): BuiltEvent {
  return buildAudit(aiResponderAudit, origin, {
    action: 'ai_config.update',
    entityType: 'ai_config',
    entityId: after.id,
    changes: changesBetween(shown(before), shown(after)),
    at,
  });
}

function shown({ tenantId: _, id: __, enabledSince: ___, settings, limits, ...values }: ConfigRow) {
  return { ...values, ...dotted('settings', settings), ...dotted('limits', limits) };
}

const dotted = (prefix: string, values: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [`${prefix}.${key}`, value]));
