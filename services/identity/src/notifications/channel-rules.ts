import type { channelStatus, EventData } from '@recado/contracts';

type Status = EventData<typeof channelStatus>['status'];

/** What a channel's news add up to. `unconnected`: it never was connected since it was made. */
export type ChannelState = 'unconnected' | 'connected' | 'lost';

export interface Step {
  state: ChannelState;
  tells: 'channel.lost' | 'channel.restored' | null;
}

/**
 * The state after a status. Only a connected channel can be lost, and once until it is back.
 * `connecting` and `qr` decide nothing.
 */
export function nextChannelState(previous: ChannelState, status: Status): Step {
  switch (status) {
    case 'connected':
      return { state: 'connected', tells: previous === 'lost' ? 'channel.restored' : null };
    case 'disconnected':
    case 'error':
      if (previous === 'connected') return { state: 'lost', tells: 'channel.lost' };
      return { state: previous, tells: null };
    case 'connecting':
    case 'qr':
      return { state: previous, tells: null };
  }
}
