import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeFrames,
  decodeRetryAfter,
  decodeStatuses,
  encodeFrames,
  encodeRetryAfter,
  encodeStatuses,
  FRAMES_MAX_COUNT,
  type WebhookFrame,
} from './webhook-frames.ts';

const frame = fc.record({
  channelId: fc.option(fc.string(), { nil: null }),
  provider: fc.constantFrom('meta', 'evolution'),
  headers: fc.dictionary(fc.constantFrom('x-hub-signature-256', 'apikey', 'x-other'), fc.string(), {
    noNullPrototype: true,
  }),
  body: fc.uint8Array({ maxLength: 300 }),
});
const isWellFormed = ({ channelId, headers }: { channelId: string | null; headers: Record<string, string> }) =>
  [channelId ?? '', ...Object.values(headers)].every((text) => text.isWellFormed());

describe('webhook frames', () => {
  it('come out as they went in, bodies byte for byte', () => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 20 }), (frames) => {
        fc.pre(frames.every(isWellFormed));
        const back = decodeFrames(encodeFrames(frames));
        expect(back.map((f) => ({ ...f, body: [...f.body] }))).toEqual(
          frames.map((f) => ({ ...f, body: [...f.body] })),
        );
      }),
    );
  });

  it('never read past the end of what arrived', () => {
    const bytes = encodeFrames([
      { provider: 'evolution', channelId: 'a', headers: { apikey: 'k' }, body: new Uint8Array(40) },
    ]);
    for (let cut = 1; cut < bytes.length; cut++) {
      expect(() => decodeFrames(bytes.subarray(0, cut)), `cut at ${cut}`).toThrow(RangeError);
    }
  });

  it('refuse more than the agreed count', () => {
    const one = { provider: 'meta', channelId: null, headers: {}, body: new Uint8Array(0) };
    expect(decodeFrames(encodeFrames(Array(FRAMES_MAX_COUNT).fill(one)))).toHaveLength(FRAMES_MAX_COUNT);
    expect(() => decodeFrames(encodeFrames(Array(FRAMES_MAX_COUNT + 1).fill(one)))).toThrow(RangeError);
  });

  it('are answered by one status each', () => {
    expect(decodeStatuses(encodeStatuses([200, 401, 503]))).toEqual([200, 401, 503]);
    expect(() => decodeStatuses(new Uint8Array(3))).toThrow(RangeError);
  });

  it('tell when a limited webhook may come again', () => {
    const seconds = new Map([
      [0, 7],
      [255, 61],
    ]);
    expect(decodeRetryAfter(encodeRetryAfter(seconds))).toEqual(seconds);
    expect(decodeRetryAfter('nonsense, 3=, =4')).toEqual(new Map());
  });

  describe('of the previous version, which know one provider and one header', () => {
    // Byte for byte what its encoder wrote: lengths of channel, signature and body, then the parts.
    const signed = Buffer.from(
      `${'00000001'}${'00000002'}${'00000003'}${Buffer.from('cs=abc').toString('hex')}`,
      'hex',
    );
    const unsigned = Buffer.from(`${'ffffffff'.repeat(2)}${'00000003'}${Buffer.from('abc').toString('hex')}`, 'hex');
    const body = new Uint8Array(Buffer.from('abc'));
    const frames: WebhookFrame[] = [
      { provider: 'meta', channelId: 'c', headers: { 'x-hub-signature-256': 's=' }, body },
      { provider: 'meta', channelId: null, headers: {}, body },
    ];

    it('are read', () => {
      const read = decodeFrames(Buffer.concat([signed, unsigned]));
      expect(read.map((one) => ({ ...one, body: new Uint8Array(one.body) }))).toEqual(frames);
    });

    it('are what is written for that provider', () => {
      expect(Buffer.from(encodeFrames(frames))).toEqual(Buffer.concat([signed, unsigned]));
    });

    it('are not disturbed by another provider’s frame, which they read as a bad signature', () => {
      const other = { provider: 'evolution', channelId: 'c', headers: { apikey: 'k' }, body };
      const bytes = Buffer.from(encodeFrames([other, frames[0]!]));
      const [length] = [bytes.readUInt32BE(4)];
      expect(bytes.toString('utf8', 13, 13 + length)).toBe('{"provider":"evolution","headers":{"apikey":"k"}}');
      expect(bytes.subarray(13 + length + 3)).toEqual(signed);
    });
  });

  it.each(['{', '{}', '{"provider":1,"headers":{}}', '{"provider":"meta","headers":{"a":1}}', '{"provider":"meta"}'])(
    'refuse %s as provider and headers',
    (text) => {
      const head = Buffer.alloc(12);
      head.writeUInt32BE(0xffffffff, 0);
      head.writeUInt32BE(text.length, 4);
      expect(() => decodeFrames(Buffer.concat([head, Buffer.from(text)]))).toThrow(RangeError);
    },
  );
});
