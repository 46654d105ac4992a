import { describe, expect, it } from 'vitest';
import { CHANNEL_REASONS, type ChannelReason, channelReason, readChannelReason } from './channel-reasons.ts';

describe('readChannelReason', () => {
  it.each(Object.keys(CHANNEL_REASONS) as ChannelReason[])(
    'reads %s back, with its values and what was said',
    (reason) => {
      const names = [...CHANNEL_REASONS[reason].matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
      const values = Object.fromEntries(names.map((name, i) => [name, `+57 ${i}`]));
      expect(readChannelReason(channelReason(reason, values))).toEqual({ reason, values, said: null });
      const said = 'Invalid token (190) [x]\nsecond line';
      expect(readChannelReason(channelReason(reason, values, said))).toEqual({ reason, values, said });
    },
  );

  it('does not know a sentence of a provider', () => {
    expect(readChannelReason('Something else happened')).toBeNull();
    expect(readChannelReason('')).toBeNull();
  });
});
