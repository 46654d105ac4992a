import {
  type AuditOrigin,
  buildAudit,
  buildEvent,
  type Channel,
  changesBetween,
  channelLimited,
  channelStatus,
  connectorAudit,
  type PlanName,
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

const AS_CONNECTOR = { kind: 'service' as const, userId: null, apiKeyId: null, service: 'channel-connector' };
const originOf = ({ tenantId }: ChannelRow): AuditOrigin => ({
  tenantId,
  actor: AS_CONNECTOR,
  ip: null,
  userAgent: null,
  edition: null,
  requestId: null,
});

/** A number receives more than its plan allows: for people, and for the audit log. */
export function limitedEvents(row: ChannelRow, plan: PlanName, at: Date): OutgoingEvent[] {
  const { id: channelId, tenantId, name, phone } = row;
  const data = { channelId, name, phone, plan, at: at.toISOString() };
  return [
    buildEvent(channelLimited, { tenantId, subject: channelId, time: at, data }),
    buildAudit(connectorAudit, originOf(row), {
      action: 'channel.limit',
      entityType: 'channel',
      entityId: channelId,
      reason: 'inbound_limit',
      at,
    }),
  ];
}

/** The audit event of a number that another tenant proved to be its own now. */
export function releasedAudit(row: ChannelRow, reason: string, at: Date): OutgoingEvent {
  return buildAudit(connectorAudit, originOf(row), {
    action: 'channel.release',
    entityType: 'channel',
    entityId: row.id,
    changes: changesBetween({ status: 'connected' }, { status: row.status, reason }),
    at,
  });
}

/**
 * The audit event of a new channel, or of one connected again: what the user chose. It holds
 * neither the credentials nor the public key.
 */
export function createdAudit(before: ChannelRow | null, row: ChannelRow, origin: AuditOrigin, at: Date): OutgoingEvent {
  return buildAudit(connectorAudit, origin, {
    action: 'channel.create',
    entityType: 'channel',
    entityId: row.id,
    changes: changesBetween(before && chosen(before), chosen(row)),
    at,
  });
}

const chosen = ({ name, provider, phone, settings, dailyMessageLimit, ratePerMinute, providerId }: ChannelRow) => ({
  name,
  provider,
  phone,
  settings,
  dailyMessageLimit,
  ratePerMinute,
  providerId,
});
