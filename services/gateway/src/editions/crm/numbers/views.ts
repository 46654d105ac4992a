import type { Channel } from '@recado/contracts';
import type { View } from '../../../edge/edition.ts';
import type * as schemas from './schemas.ts';

const NUMBER_STATUS: Record<Channel['status'], (typeof schemas.NUMBER_STATUSES)[number]> = {
  connected: 'active',
  connecting: 'pending',
  qr: 'pending',
  disconnected: 'inactive',
  error: 'error',
};

export const numberStatus = (channel: Pick<Channel, 'status'>) => NUMBER_STATUS[channel.status];

export const createdNumberView = (channel: Channel, publicUrl: string): View<typeof schemas.createdNumber> => ({
  id: channel.id,
  phone_number: channel.phone,
  provider: channel.provider,
  status: numberStatus(channel),
  status_reason: channel.lastError,
  webhook_url: `${publicUrl}/v1/webhooks/whatsapp/meta/${channel.id}`,
  created_at: channel.createdAt,
});

export const numberView = (channel: Channel): View<typeof schemas.number> => ({
  id: channel.id,
  phone_number: channel.phone,
  display_name: channel.name,
  provider: channel.provider,
  status: numberStatus(channel),
  connection_status: channel.status,
  status_reason: channel.lastError,
  last_connected_at: channel.lastConnectedAt,
  daily_message_limit: channel.dailyMessageLimit,
  total_messages_sent: channel.sentTotal,
  total_messages_received: channel.receivedTotal,
  campaigns: null,
  created_at: channel.createdAt,
});
