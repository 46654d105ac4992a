import type { channelStatus, EventData } from '@recado/contracts';
import type { Tx } from '@recado/database';
import type { Delivered } from '@recado/messaging';
import { nextChannelState } from './channel-rules.ts';
import { lockChannel, saveChannel } from './channel-store.ts';
import { notify, type SourcedNotice } from './notify.ts';

/**
 * Notifies admins and supervisors of channels that are lost or back. A status older than the known
 * one is ignored, in any order of arrival.
 */
export async function tellChannels(
  tx: Tx,
  events: readonly Delivered<EventData<typeof channelStatus>>[],
): Promise<void> {
  const notices: SourcedNotice[] = [];
  // Channels in one order for every copy of the service; of one channel as it happened.
  for (const event of [...events].sort(byChannelAndTime)) {
    const { channelId, name, phone, reason, status } = event.data;
    const known = await lockChannel(tx, event.tenantId, channelId);
    const at = new Date(event.data.at);
    if (at < known.at) continue;
    const { state, tells } = nextChannelState(known.state, status);
    await saveChannel(tx, event.tenantId, channelId, { state, at });
    if (!tells) continue;
    notices.push({
      event,
      kind: tells,
      params: tells === 'channel.lost' ? { name, phone, reason } : { name, phone },
      about: { type: 'channel', id: channelId },
      to: { people: [], otherwise: ['admin', 'supervisor'] },
    });
  }
  await notify(tx, notices);
}

type Told = Delivered<EventData<typeof channelStatus>>;
const byChannelAndTime = (a: Told, b: Told): number =>
  a.data.channelId.localeCompare(b.data.channelId) || a.data.at.localeCompare(b.data.at);
