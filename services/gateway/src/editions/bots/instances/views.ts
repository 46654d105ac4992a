import type { Channel } from '@recado/contracts';
import type { View } from '../../../edge/edition.ts';
import type * as schemas from './schemas.ts';

const STATUS: Record<Channel['status'], (typeof schemas.INSTANCE_STATUSES)[number]> = {
  connected: 'active',
  connecting: 'connecting',
  qr: 'connecting',
  disconnected: 'inactive',
  error: 'inactive',
};

export const instanceStatus = ({ status }: Pick<Channel, 'status'>) => STATUS[status];

export const instanceView = (channel: Channel): View<typeof schemas.instance> => ({
  id: channel.id,
  name: channel.name,
  phoneNumber: channel.phone,
  status: instanceStatus(channel),
  statusReason: channel.lastError,
  qrCode: channel.code?.qr ?? null,
  webhookUrl: channel.webhookUrl ?? null,
  quality: channel.facts?.quality ?? null,
  messagingLimit: channel.facts?.messagingLimit ?? null,
  codeVerification: channel.facts?.codeVerification ?? null,
  templatesError: channel.templatesError ?? null,
  createdAt: channel.createdAt,
  updatedAt: channel.updatedAt,
});
