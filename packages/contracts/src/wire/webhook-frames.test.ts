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
} from './webhook-frames.ts';

const frame = fc.record({
  channelId: fc.option(fc.string(), { nil: null }),
  signature: fc.option(fc.string(), { nil: null }),
  body: fc.uint8Array({ maxLength: 300 }),
});
const wellFormed = (text: string | null) => text === null || text.isWellFormed();

describe('webhook frames', () => {
  it('come out as they went in, bodies byte for byte', () => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 20 }), (frames) => {
        fc.pre(frames.every((f) => wellFormed(f.channelId) && wellFormed(f.signature)));
        const back = decodeFrames(encodeFrames(frames));
        expect(back.map((f) => ({ ...f, body: [...f.body] }))).toEqual(
          frames.map((f) => ({ ...f, body: [...f.body] })),
        );
      }),
    );
  });

  it('never read past the end of what arrived', () => {
    const bytes = encodeFrames([{ channelId: 'a', signature: null, body: new Uint8Array(40) }]);
    for (let cut = 1; cut < bytes.length; cut++) {
      expect(() => decodeFrames(bytes.subarray(0, cut)), `cut at ${cut}`).toThrow(RangeError);
    }
  });

  it('refuse more than the agreed count', () => {
    const one = { channelId: null, signature: null, body: new Uint8Array(0) };
    expect(decodeFrames(encodeFrames(Array(FRAMES_MAX_COUNT).fill(one)))).toHaveLength(FRAMES_MAX_COUNT);
    expect(() => decodeFrames(encodeFrames(Array(FRAMES_MAX_COUNT + 1).fill(one)))).toThrow(RangeError);
  });

  it('are answered by one status each', () => {
    expect(decodeStatuses(encodeStatuses([200, 401, 503]))).toEqual([200, 401, 503]);
    expect(() => decodeStatuses(new Uint8Array(3))).toThrow(RangeError);
  });

  it('tell when those that are limited may come again', () => {
    const seconds = new Map([
      [0, 7],
      [255, 61],
    ]);
    expect(decodeRetryAfter(encodeRetryAfter(seconds))).toEqual(seconds);
    expect(decodeRetryAfter('nonsense, 3=, =4')).toEqual(new Map());
  });
});
