import { type AuditEntry, type AuditOrigin, buildAudit, connectorAudit, type WebhookEndpoint } from '@recado/contracts';
import type { OutgoingEvent } from '@recado/messaging';
import type { EndpointRow } from './store.ts';

const timeOf = (at: Date | null): string | null => at?.toISOString() ?? null;

/** The row as the contract shows it. */
export function viewEndpoint({ tenantId: _, ...row }: EndpointRow): WebhookEndpoint {
  return {
    ...row,
    disabledAt: timeOf(row.disabledAt),
    failingSince: timeOf(row.failingSince),
    lastSuccessAt: timeOf(row.lastSuccessAt),
    previousSecretUntil: timeOf(row.previousSecretUntil),
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}

/** What people choose of an endpoint, for the audit log. */
export const chosen = ({ name, url, eventTypes, channelIds, enabled }: EndpointRow) => ({
  name,
  url,
  eventTypes,
  channelIds,
  enabled,
});

/** What a person, or the connector, did with an endpoint. */
export const endpointAudit = (
  verb: 'create' | 'update' | 'delete' | 'rotate' | 'replay' | 'disable',
  endpointId: string,
  changes: AuditEntry['changes'],
  origin: AuditOrigin,
  at: Date,
): OutgoingEvent =>
  buildAudit(connectorAudit, origin, {
    action: `webhook_endpoint.${verb}`,
    entityType: 'webhook_endpoint',
    entityId: endpointId,
    changes,
    at,
  });
