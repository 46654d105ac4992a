import type { Channel } from '@recado/contracts';
import type { View } from '../../../edge/edition.ts';
import { reasonOf } from '../../../languages/reasons.ts';
import { texts } from '../texts.ts';
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
  statusReason: reasonOf(texts, channel.lastError),
  qrCode: channel.code?.qr ?? null,
  webhookUrl: channel.webhookUrl ?? null,
  quality: channel.facts?.quality ?? null,
  messagingLimit: channel.facts?.messagingLimit ?? null,
  codeVerification: channel.facts?.codeVerification ?? null,
  templatesError: reasonOf(texts, channel.templatesError ?? null),
  createdAt: channel.createdAt,
  updatedAt: channel.updatedAt,
});
