import { buildEvent, defineEvent, uuidv7 } from '@recado/contracts';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { MAX_BATCH_BYTES, MAX_BATCH_EVENTS, MAX_ENVELOPE_BYTES, packEvents } from './event-batch.ts';

const noted = defineEvent('conversation.note.noted', 1, z.object({ text: z.string() }), 'A note');
const [A, B] = [uuidv7(), uuidv7()];
const event = (tenantId: string, text = 'x', id = uuidv7()) => buildEvent(noted, { tenantId, id, data: { text } });
const many = (count: number, tenantId: string, text?: string) =>
  Array.from({ length: count }, () => event(tenantId, text));

describe('event batches', () => {
  test('hold the events of one subject in their order, 64 at most', () => {
    const [ofA, ofB] = [many(130, A), many(2, B)];
    const batches = packEvents([ofA[0]!, ofB[0]!, ...ofA.slice(1), ofB[1]!]);
    expect(batches.map((one) => [one.tenantId, one.events.length])).toEqual([
      [A, MAX_BATCH_EVENTS],
      [B, 2],
      [A, MAX_BATCH_EVENTS],
      [A, 2],
    ]);
    const texts = batches.filter((one) => one.tenantId === A).flatMap((one) => JSON.parse(one.text));
    expect(texts).toEqual(ofA.map((one) => one.envelope));
  });

  test('a single event is its own envelope under its own id', () => {
    const one = event(A);
    expect(packEvents([one])).toMatchObject([
      { id: one.envelope.id, text: JSON.stringify(one.envelope), events: [one] },
    ]);
  });

  test('have the same id for the same events, and sort like their first event', () => {
    const events = many(3, A);
    const [first] = packEvents(events);
    expect(packEvents(events)[0]!.id).toBe(first!.id);
    expect(packEvents(events.slice(0, 2))[0]!.id).not.toBe(first!.id);
    expect(first!.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    const ids = Array.from({ length: 50 }, () => packEvents(many(2, A))[0]!.id);
    expect([...ids].sort()).toEqual(ids);
  });

  test('hold 256 KiB at most; a larger event travels alone, and one that NATS would refuse is refused', () => {
    const small = many(2, A);
    const batches = packEvents([...many(5, A, 'é'.repeat(50_000)), event(A, 'x'.repeat(500_000)), ...small]);
    expect(batches.map((one) => one.events.length)).toEqual([2, 2, 1, 1, 2]);
    for (const { text, events } of batches) {
      if (events.length > 1) expect(Buffer.byteLength(text)).toBeLessThanOrEqual(MAX_BATCH_BYTES);
    }
    expect(() => packEvents([event(A, 'x'.repeat(MAX_ENVELOPE_BYTES))])).toThrow('larger than');
  });

  test('keep one line for each event, with any content', () => {
    const texts = ['a\nb', ',\n', '"],\n[', '\u2028'];
    const [batch] = packEvents(texts.map((text) => event(A, text)));
    expect(batch!.text.split(',\n')).toHaveLength(texts.length);
  });
});
