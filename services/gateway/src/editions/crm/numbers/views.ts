import type { CampaignName, Channel, connectorApi, RouteOutput } from '@recado/contracts';
import type { z } from 'zod';
import type { View } from '../../../edge/edition.ts';
import { reasonOf } from '../../../languages/reasons.ts';
import { SUCCESS, texts } from '../texts.ts';
import { linkWebhook, webhook } from '../webhooks/routes.ts';
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
  status_reason: reasonOf(texts, channel.lastError),
  ...(channel.provider === TOKEN_PROVIDER
    ? { webhook_url: `${publicUrl}/v1/webhooks/whatsapp/meta/${channel.id}` }
    : linkFields(channel)),
  created_at: channel.createdAt,
});

/** Its numbers are made with a token; the phones of others are linked by a code. */
const { provider: TOKEN_PROVIDER } = webhook;

/** What a person needs to link the phone, under the documented name too. */
function linkFields({ provider, code }: Channel) {
  const qr = code?.qr ?? null;
  return {
    qr_code: qr,
    ...(provider === linkWebhook.provider ? { wppconnect_qr_code: qr } : {}),
    ...(qr === null ? {} : { message: SUCCESS.scanQr }),
  };
}

export const numberQrView = ({
  status,
  code,
}: RouteOutput<(typeof connectorApi)['getLinkCode']>): View<typeof schemas.numberQr> => ({
  qr_code: code?.qr ?? null,
  pairing_code: code?.pairingCode ?? null,
  expires_at: code?.expiresAt ?? null,
  connection_status: status,
});

/** A connector of the version before measures nothing. */
const healthView = ({ status, health, facts }: Channel) => ({
  is_healthy: health?.ok ?? status === 'connected',
  response_time_ms: health?.responseMs ?? null,
  last_check_at: health?.checkedAt ?? null,
  can_send_message: facts?.standing?.canSend ?? null,
  issues: (facts?.standing?.problems ?? []).map(({ entity, canSend, code, text, solution }) => ({
    entity_type: entity,
    can_send_message: canSend,
    code,
    description: text,
    possible_solution: solution,
  })),
});

export const numberStateView = (channel: Channel): View<typeof schemas.numberState> => ({
  id: channel.id,
  status: numberStatus(channel),
  connection_status: channel.status,
  last_connected_at: channel.lastConnectedAt,
  last_error: reasonOf(texts, channel.lastError),
  status_since: channel.statusAt ?? null,
  last_disconnected_at: channel.lost?.at ?? null,
  last_disconnect_reason: reasonOf(texts, channel.lost?.reason ?? null),
  health: healthView(channel),
});

/** What a new number's driver gets; null: the installation's own server. */
export function newCredentials(body: z.output<typeof schemas.createNumberBody>): Record<string, unknown> | null {
  if ('meta_phone_number_id' in body) {
    return {
      phoneNumberId: body.meta_phone_number_id,
      businessAccountId: body.meta_business_account_id,
      accessToken: body.meta_access_token,
      signupCode: body.meta_signup_code,
      pin: body.meta_pin,
      appSecret: body.meta_app_secret,
      verifyToken: body.webhook_verify_token,
    };
  }
  const { server, ...rest } =
    'wppconnect_server_url' in body
      ? {
          server: body.wppconnect_server_url,
          sessionName: body.wppconnect_session_name,
          apiKey: body.wppconnect_api_key,
        }
      : 'evolution_server_url' in body
        ? {
            server: body.evolution_server_url,
            instanceName: body.evolution_instance_name,
            apiKey: body.evolution_api_key,
          }
        : { server: undefined };
  return server === undefined ? null : { serverUrl: server, ...rest };
}

/** The credentials that a change names, as the driver does; undefined when it names none. */
export function renewedCredentials(
  body: z.output<typeof schemas.updateNumberBody>,
): Record<string, unknown> | undefined {
  const given = {
    businessAccountId: body.meta_business_account_id,
    accessToken: body.meta_access_token,
    appSecret: body.meta_app_secret,
    verifyToken: body.webhook_verify_token,
    serverUrl: body.wppconnect_server_url ?? body.evolution_server_url,
    apiKey: body.wppconnect_api_key ?? body.evolution_api_key,
  };
  const named = Object.entries(given).filter(([, value]) => value !== undefined);
  return named.length > 0 ? Object.fromEntries(named) : undefined;
}

export const numberView = (channel: Channel, campaigns: readonly CampaignName[]): View<typeof schemas.number> => ({
  id: channel.id,
  phone_number: channel.phone,
  display_name: channel.name,
  provider: channel.provider,
  status: numberStatus(channel),
  connection_status: channel.status,
  status_reason: reasonOf(texts, channel.lastError),
  last_connected_at: channel.lastConnectedAt,
  quality_rating: channel.facts?.quality ?? null,
  messaging_limit_tier: channel.facts?.messagingLimit ?? null,
  throughput_level: channel.facts?.throughput ?? null,
  code_verification_status: channel.facts?.codeVerification ?? null,
  templates_error: reasonOf(texts, channel.templatesError ?? null),
  health: healthView(channel),
  daily_message_limit: channel.dailyMessageLimit,
  total_messages_sent: channel.sentTotal,
  total_messages_received: channel.receivedTotal,
  campaigns: campaigns.map(({ id, name }) => ({ id, name })),
  settings: settingsView(channel.settings),
  created_at: channel.createdAt,
});

/** Those that the number itself goes by. */
function settingsView(settings: Channel['settings']): View<typeof schemas.number>['settings'] {
  const { groupMessages, aiInGroups, readReceipts } = settings;
  return {
    group_messages: groupMessages === 'ignore' ? 'ignore' : 'store',
    ai_in_groups: aiInGroups === true,
    read_receipts: readReceipts === 'reads' || readReceipts === 'never' ? readReceipts : 'replies',
  };
}
