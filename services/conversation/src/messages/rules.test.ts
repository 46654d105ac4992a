import { messageStatusRank, UNCERTAIN } from '@recado/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyReport, nextStatus, type StatusReport, type Ticks } from './rules.ts';

const nothing: Ticks = {
  status: 'pending',
  error: null,
  sentAt: null,
  deliveredAt: null,
  readAt: null,
  failedAt: null,
};
const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second));
const sent: StatusReport = { status: 'sent', at: at(1), error: null };
const delivered: StatusReport = { status: 'delivered', at: at(2), error: null };
const read: StatusReport = { status: 'read', at: at(3), error: null };
const refused: StatusReport = { status: 'failed', at: at(2), error: { code: '131026', message: 'Undeliverable' } };
const uncertain: StatusReport = { status: 'failed', at: at(9), error: { code: UNCERTAIN, message: 'Nobody knows' } };
const fold = (reports: StatusReport[]) => reports.reduce(applyReport, nothing);

describe('the status of an outbound message', () => {
  it.each<[string, StatusReport[], Ticks['status']]>([
    ['goes forward', [sent, delivered, read], 'read'],
    ['never goes back', [read, delivered, sent], 'read'],
    ['read without delivered', [sent, read], 'read'],
    ['a refusal after the provider took it', [sent, refused], 'failed'],
    ['the same in the other order', [refused, sent], 'failed'],
    ['proof of delivery after a failure', [refused, delivered], 'delivered'],
    ['an uncertain send that a late tick proves', [uncertain, sent], 'sent'],
    ['a tick before the connector gives up', [sent, uncertain], 'sent'],
    ['uncertain, then refused for good', [uncertain, refused], 'failed'],
    ['uncertain alone', [uncertain], 'failed'],
  ])('%s', (_, reports, expected) => {
    expect(fold(reports).status).toBe(expected);
  });

  it('shows an error only while it is failed', () => {
    expect(fold([refused]).error?.code).toBe('131026');
    expect(fold([refused, delivered])).toMatchObject({ error: null, failedAt: null });
  });

  it('keeps the first time of each step', () => {
    const later = { ...delivered, at: at(30) };
    expect(fold([later, delivered, read, sent])).toMatchObject({ sentAt: at(1), deliveredAt: at(2), readAt: at(3) });
  });

  it('agrees with nextStatus, which never lowers the rank', () => {
    fc.assert(
      fc.property(fc.array(report()), (reports) => {
        let ticks = nothing;
        for (const one of reports) {
          const next = applyReport(ticks, one);
          expect(next.status).toBe(nextStatus(ticks, one));
          const [before, after] = [ticks, next].map((t) => messageStatusRank(t.status, t.error?.code ?? null));
          expect(after).toBeGreaterThanOrEqual(before!);
          ticks = next;
        }
      }),
    );
  });

  it('ends the same for every permutation with repeats', () => {
    const shuffled = fc
      .array(report(), { minLength: 1, maxLength: 8 })
      .chain((reports) => fc.tuple(fc.constant(reports), fc.shuffledSubarray([...reports, ...reports, ...reports])));
    fc.assert(
      fc.property(shuffled, ([reports, some]) => {
        // `some` may lack a few; all of them again, backwards, make a permutation with repeats.
        expect(fold([...some, ...reports.toReversed()])).toEqual(fold(reports));
      }),
      { numRuns: 1000 },
    );
  });
});

function report(): fc.Arbitrary<StatusReport> {
  const time = fc.integer({ min: 0, max: 5 }).map(at);
  const error = fc.record({ code: fc.constantFrom(UNCERTAIN, '131026', '131047'), message: fc.constantFrom('a', 'b') });
  return fc.oneof(
    fc.record({
      status: fc.constantFrom('sent' as const, 'delivered' as const, 'read' as const),
      at: time,
      error: fc.constant(null),
    }),
    fc.record({ status: fc.constant('failed' as const), at: time, error: fc.option(error) }),
  );
}
