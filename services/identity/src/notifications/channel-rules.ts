import type { channelStatus, EventData } from '@recado/contracts';

type Status = EventData<typeof channelStatus>['status'];

/** What a channel's news add up to. `unconnected`: it never was connected since it was made. */
export type ChannelState = 'unconnected' | 'connected' | 'lost';

export interface Step {
  state: ChannelState;
  tells: 'channel.lost' | 'channel.restored' | null;
}

/**
 * The state after a status. Only what was connected can be lost, and only once until it is back; on the way (`connecting`,
 * `qr`) nothing is decided.
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
