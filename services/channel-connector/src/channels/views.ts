import {
  type AuditEntry,
  type AuditOrigin,
  buildAudit,
  buildEvent,
  type Channel,
  changesBetween,
  channelCode,
  channelLimited,
  channelRemoved,
  channelStatus,
  channelUpdated,
  connectorAudit,
  type PlanName,
} from '@recado/contracts';
import type { OutgoingEvent } from '@recado/messaging';
import type { LinkCode } from '../providers/linking.ts';
import type { ChannelRow } from './store.ts';

/** The row as the contract shows it; with the code to those who may link a phone. */
export function viewChannel(channel: ChannelRow, { mayLink = false } = {}): Channel {
  const { tenantId: _, checkedAt, responseMs, checkError, blockedUntil: __, removedAt, ...more } = channel;
  const { linkCode, linkCodeUntil, statusAt, lostAt, lostReason, ...row } = more;
  const shown = mayLink && row.status === 'qr' && linkCode && linkCodeUntil;
  return {
    ...row,
    statusAt: statusAt?.toISOString() ?? null,
    lost: lostAt && { at: lostAt.toISOString(), reason: lostReason },
    code: shown ? { ...linkCode, expiresAt: linkCodeUntil.toISOString() } : null,
    health: {
      ok: row.status === 'connected' && checkError === null,
      responseMs,
      checkedAt: checkedAt?.toISOString() ?? null,
    },
    removedAt: removedAt?.toISOString() ?? null,
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

/** `channel.code-changed`: the code that now links the channel's phone. */
export function codeEvent(row: ChannelRow, { qr, pairingCode, lifeMs }: LinkCode, at: Date): OutgoingEvent {
  const { id: channelId, tenantId, name, provider, phone } = row;
  const code = { qr, pairingCode, expiresAt: new Date(at.getTime() + lifeMs).toISOString() };
  const data = { channelId, name, provider, phone, code, at: at.toISOString() };
  return buildEvent(channelCode, { tenantId, subject: channelId, time: at, data });
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

/** What a person did with a channel. */
export function lifeAudit(
  verb: 'update' | 'disconnect' | 'reconnect' | 'request_code' | 'verify' | 'delete',
  channelId: string,
  changes: AuditEntry['changes'],
  origin: AuditOrigin,
  at: Date,
): OutgoingEvent {
  const what = { action: `channel.${verb}`, entityType: 'channel', entityId: channelId, changes, at };
  return buildAudit(connectorAudit, origin, what);
}

/** `channel.updated`, with the names of what a person changed. */
export function updatedEvent(row: ChannelRow, changed: string[], { traceparent }: AuditOrigin): OutgoingEvent {
  const { id: channelId, tenantId, name, provider, phone } = row;
  const data = { channelId, name, provider, phone, changed };
  return buildEvent(channelUpdated, { tenantId, subject: channelId, traceparent, data });
}

/** `channel.removed`. */
export function removedEvent(row: ChannelRow, { traceparent }: AuditOrigin, at: Date): OutgoingEvent {
  const { id: channelId, tenantId, name, provider, phone } = row;
  const data = { channelId, name, provider, phone, at: at.toISOString() };
  return buildEvent(channelRemoved, { tenantId, subject: channelId, traceparent, time: at, data });
}

/** What people choose of a channel, for the audit log. */
export const chosen = ({
  name,
  provider,
  phone,
  settings,
  dailyMessageLimit,
  ratePerMinute,
  webhookUrl,
  providerId,
}: ChannelRow) => ({ name, provider, phone, settings, dailyMessageLimit, ratePerMinute, webhookUrl, providerId });
