import { buildEvent, type Channel, channelStatus } from '@recado/contracts';
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
