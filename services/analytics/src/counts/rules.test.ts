import { type EventData, type messageUpdated, uuidv7 } from '@recado/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Count, countUpdated, hourOf, minuteOf, sumUp } from './rules.ts';

const tenantId = uuidv7();
const update = (previousStatus: string, status: string, direction = 'outbound') =>
  ({
    messageId: uuidv7(),
    conversationId: uuidv7(),
    channelId: uuidv7(),
    providerMessageId: null,
    author: 'user',
    at: '2026-05-01T10:00:00.000Z',
    error: null,
    previousStatus,
    status,
    direction,
  }) as EventData<typeof messageUpdated>;
const total = (steps: [string, string][]) => {
  const sums: Record<string, number> = {};
  for (const [from, to] of steps)
    for (const c of countUpdated(tenantId, update(from, to))) sums[c.metric] = (sums[c.metric] ?? 0) + c.by;
  return sums;
};

describe('counting a status change', () => {
  it('counts a message as sent once, for any number of ticks', () => {
    expect(
      total([
        ['pending', 'sent'],
        ['sent', 'delivered'],
        ['delivered', 'read'],
      ]),
    ).toEqual({ sent: 1 });
    expect(total([['pending', 'read']])).toEqual({ sent: 1 });
  });

  it('counts a failure, and takes it back when the message proves sent', () => {
    expect(total([['pending', 'failed']])).toEqual({ failed: 1 });
    expect(
      total([
        ['pending', 'failed'],
        ['failed', 'delivered'],
      ]),
    ).toEqual({ failed: 0, sent: 1 });
    expect(
      total([
        ['pending', 'sent'],
        ['sent', 'failed'],
      ]),
    ).toEqual({ sent: 0, failed: 1 });
  });

  it('leaves inbound messages alone', () => {
    expect(countUpdated(tenantId, update('pending', 'sent', 'inbound'))).toEqual([]);
  });
});

describe('summing up', () => {
  const count = fc.record({
    tenantId: fc.constantFrom('a', 'b'),
    metric: fc.constantFrom('sent', 'failed'),
    by: fc.constantFrom(1, -1),
    at: fc.constantFrom('2026-05-01T10:00:00Z', '2026-05-01T11:00:00Z'),
  }) as fc.Arbitrary<Count>;

  it('keeps the total, in sorted rows without zeros', () => {
    fc.assert(
      fc.property(fc.array(count, { maxLength: 50 }), (counts) => {
        const sums = sumUp(counts, (c) => hourOf(c.at));
        const keys = sums.map((s) => `${s.tenantId} ${s.slot} ${s.metric}`);
        expect(keys).toEqual([...new Set(keys)].sort());
        expect(sums.every((s) => s.by !== 0)).toBe(true);
        expect(sums.reduce((n, s) => n + s.by, 0)).toBe(counts.reduce((n, c) => n + c.by, 0));
      }),
    );
  });

  it('cuts times to the hour and the minute', () => {
    expect(hourOf('2026-05-01T10:59:59.999Z')).toBe('2026-05-01T10:00:00.000Z');
    expect(minuteOf('2026-05-01T10:59:59.999Z')).toBe('2026-05-01T10:59:00.000Z');
  });
});
