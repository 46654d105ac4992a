import type { Channel } from '@recado/contracts';
import type { z } from 'zod';
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

/** A connector of the version before measures nothing. */
const healthView = ({ status, health }: Channel) => ({
  is_healthy: health?.ok ?? status === 'connected',
  response_time_ms: health?.responseMs ?? null,
  last_check_at: health?.checkedAt ?? null,
});

export const numberStateView = (channel: Channel): View<typeof schemas.numberState> => ({
  id: channel.id,
  status: numberStatus(channel),
  connection_status: channel.status,
  last_connected_at: channel.lastConnectedAt,
  last_error: channel.lastError,
  health: healthView(channel),
});

/** The credentials that a change names, as the driver does; undefined when it names none. */
export function renewedCredentials(
  body: z.output<typeof schemas.updateNumberBody>,
): Record<string, unknown> | undefined {
  const given = {
    businessAccountId: body.meta_business_account_id,
    accessToken: body.meta_access_token,
    appSecret: body.meta_app_secret,
    verifyToken: body.webhook_verify_token,
  };
  const named = Object.entries(given).filter(([, value]) => value !== undefined);
  return named.length > 0 ? Object.fromEntries(named) : undefined;
}

export const numberView = (channel: Channel): View<typeof schemas.number> => ({
  id: channel.id,
  phone_number: channel.phone,
  display_name: channel.name,
  provider: channel.provider,
  status: numberStatus(channel),
  connection_status: channel.status,
  status_reason: channel.lastError,
  last_connected_at: channel.lastConnectedAt,
  health: healthView(channel),
  daily_message_limit: channel.dailyMessageLimit,
  total_messages_sent: channel.sentTotal,
  total_messages_received: channel.receivedTotal,
  campaigns: null,
  created_at: channel.createdAt,
});
