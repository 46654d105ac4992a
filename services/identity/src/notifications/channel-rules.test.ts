import { describe, expect, it } from 'vitest';
import { type ChannelState, nextChannelState } from './channel-rules.ts';

type Status = Parameters<typeof nextChannelState>[1];

/** What a channel's history tells, status by status. */
function told(statuses: Status[]): (string | null)[] {
  let state: ChannelState = 'unconnected';
  return statuses.map((status) => {
    const step = nextChannelState(state, status);
    state = step.state;
    return step.tells;
  });
}

describe('a channel', () => {
  it.each<[string, Status[], (string | null)[]]>([
    [
      'made and never connected tells nothing',
      ['disconnected', 'qr', 'error', 'disconnected'],
      [null, null, null, null],
    ],
    ['connected for the first time is not restored', ['disconnected', 'connecting', 'connected'], [null, null, null]],
    ['connected at first sight tells nothing', ['connected', 'connected'], [null, null]],
    ['lost tells it once', ['connected', 'error', 'disconnected', 'error'], [null, 'channel.lost', null, null]],
    [
      'back after a loss is restored, once',
      ['connected', 'error', 'connected', 'connected'],
      [null, 'channel.lost', 'channel.restored', null],
    ],
    [
      'on its way back is still lost',
      ['connected', 'disconnected', 'qr', 'connecting', 'connected'],
      [null, 'channel.lost', null, null, 'channel.restored'],
    ],
    ['renewing its connection tells nothing', ['connected', 'connecting', 'connected'], [null, null, null]],
    ['that does not come back from that is lost', ['connected', 'connecting', 'error'], [null, null, 'channel.lost']],
  ])('%s', (_, statuses, expected) => {
    expect(told(statuses)).toEqual(expected);
  });
});
