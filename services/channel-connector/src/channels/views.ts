import {
  type AuditOrigin,
  buildAudit,
  buildEvent,
  type Channel,
  changesBetween,
  channelStatus,
  connectorAudit,
} from '@recado/contracts';
import type { OutgoingEvent } from '@recado/messaging';
import type { ChannelRow } from './store.ts';

/** The row as the contract shows it. */
export function viewChannel({ tenantId: _, ...row }: ChannelRow): Channel {
  return {
    ...row,
    lastConnectedAt: row.lastConnectedAt?.toISOString() ?? null,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}

/** `channel.status-changed` of the row as it stands. */
export function statusEvent(row: ChannelRow, at: Date): OutgoingEvent {
  return buildEvent(channelStatus, {
    tenantId: row.tenantId,
    subject: row.id,
    time: at,
    data: {
      channelId: row.id,
      name: row.name,
      provider: row.provider,
      phone: row.phone,
      status: row.status,
      reason: row.lastError,
      at: at.toISOString(),
    },
  });
}

/** The audit event of a new channel: what somebody chose. Its credentials are none of the log's, nor is the key that names it to strangers. */
export function createdAudit(row: ChannelRow, origin: AuditOrigin, at: Date): OutgoingEvent {
  const { name, provider, phone, settings, dailyMessageLimit, ratePerMinute, providerId } = row;
  return buildAudit(connectorAudit, origin, {
    action: 'channel.create',
    entityType: 'channel',
    entityId: row.id,
    changes: changesBetween(null, { name, provider, phone, settings, dailyMessageLimit, ratePerMinute, providerId }),
    at,
  });
}
