import type { Channel } from '@recado/contracts';
import type { View } from '../../../edge/edition.ts';
import type * as schemas from './schemas.ts';

/** E.164 without its plus: how this edition shows phones. */
export const digits = (phone: string | null): string | null => phone?.replace(/^\+/, '') ?? null;

export const instanceView = (channel: Channel): View<typeof schemas.instance> => ({
  id: channel.id,
  name: channel.name,
  instanceKey: channel.key,
  status: channel.status,
  statusReason: channel.lastError,
  phoneNumber: digits(channel.phone),
  lastConnectionAt: channel.lastConnectedAt,
  settings: channel.settings,
});
