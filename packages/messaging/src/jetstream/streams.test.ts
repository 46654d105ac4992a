import { describe, expect, test } from 'vitest';
import { filterWithin, PUBLISHERS, serviceOfStream, streamConfig, streamLimits, streamName } from './streams.ts';

describe('streams', () => {
  test('have one name and one set of subjects per owner', () => {
    expect(streamName('channel-connector')).toBe('RECADO_CHANNEL_CONNECTOR');
    expect(serviceOfStream('RECADO_CHANNEL_CONNECTOR')).toBe('channel-connector');
    expect(serviceOfStream('SOMETHING_ELSE')).toBeNull();
    expect(streamConfig('channel-connector').subjects).toEqual(['recado.channel-connector.>']);
  });

  test('take their limits from the environment, and refuse nonsense', () => {
    expect(streamLimits({})).toEqual({ replicas: 1 });
    expect(streamLimits({ RECADO_NATS_REPLICAS: '3', RECADO_NATS_STREAM_MAX_BYTES: '1000' })).toEqual({
      replicas: 3,
      maxBytes: 1000,
    });
    expect(() => streamLimits({ RECADO_NATS_REPLICAS: 'three' })).toThrow('RECADO_NATS_REPLICAS');
  });

  test('hold a quarter of a million AI exchanges each by default, and 256 MiB at least', () => {
    const sizes = PUBLISHERS.map((service) => streamConfig(service, { replicas: 1 }).max_bytes);
    expect(Math.min(...sizes)).toBe(256 * 1024 ** 2);
    expect(streamConfig('conversation', { replicas: 1 }).max_bytes).toBeGreaterThan(250_000 * 8000);
    expect(streamConfig('conversation', { replicas: 1, maxBytes: 5000 }).max_bytes).toBe(5000);
  });

  test.each([
    ['>', 'recado.conversation.>'],
    ['recado.>', 'recado.conversation.>'],
    ['recado.*.t1.>', 'recado.conversation.t1.>'],
    ['recado.conversation.*.message.created', 'recado.conversation.*.message.created'],
    ['recado.identity.>', null],
    ['recado', null],
    ['recado.conversation', null],
    ['other.>', null],
  ])('serve of the filter %s only %s', (filter, within) => {
    expect(filterWithin('conversation', filter)).toBe(within);
  });
});
