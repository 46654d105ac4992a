import type { Channel } from '@recado/contracts';
import type { View } from '../../../edge/edition.ts';
import { reasonOf } from '../../../languages/reasons.ts';
import { texts } from '../texts.ts';
import type * as schemas from './schemas.ts';

/** E.164 without its plus: how this edition shows phones. */
export const digits = (phone: string | null): string | null => phone?.replace(/^\+/, '') ?? null;

export const instanceView = (channel: Channel): View<typeof schemas.instance> => ({
  id: channel.id,
  name: channel.name,
  instanceKey: channel.key,
  status: channel.status,
  statusReason: reasonOf(texts, channel.lastError),
  phoneNumber: digits(channel.phone),
  lastConnectionAt: channel.lastConnectedAt,
  qrCode: channel.code?.qr ?? null,
  settings: channel.settings,
  quality: channel.facts?.quality ?? null,
  messagingLimit: channel.facts?.messagingLimit ?? null,
  codeVerification: channel.facts?.codeVerification ?? null,
  templatesError: reasonOf(texts, channel.templatesError ?? null),
});

export const connectionView = (channel: Channel): View<typeof schemas.connection> => ({
  instance: { id: channel.id, status: channel.status, statusReason: reasonOf(texts, channel.lastError) },
  qrCode: channel.code?.qr ?? null,
  pairingCode: channel.code?.pairingCode ?? null,
  qrExpiresAt: channel.code?.expiresAt ?? null,
  connected: channel.status === 'connected',
});

export const connectionStatusView = (channel: Channel): View<typeof schemas.connectionStatus> => ({
  instanceId: channel.id,
  name: channel.name,
  status: channel.status,
  statusReason: reasonOf(texts, channel.lastError),
  connected: channel.status === 'connected',
  phoneNumber: digits(channel.phone),
  profilePictureUrl: channel.profile?.pictureUrl ?? null,
  lastConnectionAt: channel.lastConnectedAt,
  lastDisconnectionAt: channel.lost?.at ?? null,
  lastDisconnectionReason: reasonOf(texts, channel.lost?.reason ?? null),
  health: {
    healthy: channel.health?.ok ?? channel.status === 'connected',
    responseTimeMs: channel.health?.responseMs ?? null,
    lastCheckAt: channel.health?.checkedAt ?? null,
    canSendMessage: channel.facts?.standing?.canSend ?? null,
    issues: (channel.facts?.standing?.problems ?? []).map(({ entity, canSend, code, text, solution }) => ({
      entityType: entity,
      canSendMessage: canSend,
      code,
      description: text,
      possibleSolution: solution,
    })),
  },
});
