import { describe, expect, it } from 'vitest';
import { applyReading, applyReport, differences, stateOf } from './change-rules.ts';

const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second));
const row = {
  ...stateOf({
    id: '7',
    name: 'a',
    language: 'es',
    category: 'utility',
    previousCategory: null,
    nextCategory: null,
    status: 'pending',
    reason: null,
    quality: 'unknown',
    parameterFormat: 'positional',
    components: [{ type: 'BODY', text: 'Hi' }],
  }),
  toldAt: null as Date | null,
  syncedAt: null as Date | null,
};

describe('applyReport', () => {
  it('gives the same end in any order', () => {
    const reports = [
      { status: 'approved' as const, at: at(1) },
      { status: 'paused' as const, reason: 'LOW', at: at(2) },
      { status: 'approved' as const, at: at(3) },
    ];
    const orders = [
      [0, 1, 2],
      [0, 2, 1],
      [1, 0, 2],
      [1, 2, 0],
      [2, 0, 1],
      [2, 1, 0],
    ];
    const ends = orders.map((order) => {
      let now = row;
      for (const i of order) {
        const after = applyReport(now, reports[i]!);
        if (after) now = { ...now, ...after, toldAt: reports[i]!.at };
      }
      return [now.status, now.reason];
    });
    expect(new Set(ends.map(String)).size).toBe(1);
    expect(ends[0]).toEqual(['approved', null]);
  });

  it('keeps the category before a change, and announces one to come', () => {
    const soon = applyReport(row, { nextCategory: 'marketing', category: 'utility', at: at(1) })!;
    expect(soon).toMatchObject({ category: 'utility', nextCategory: 'marketing', previousCategory: null });
    const done = applyReport({ ...row, ...soon }, { category: 'marketing', nextCategory: null, at: at(2) })!;
    expect(done).toMatchObject({ category: 'marketing', nextCategory: null, previousCategory: 'utility' });
    expect(differences(soon, done)).toEqual(['category', 'nextCategory']);
  });

  it('changes nothing by a report from well before the last reading', () => {
    const read = { ...row, syncedAt: at(200) };
    expect(applyReport(read, { status: 'rejected', at: at(100) })).toBeNull();
    expect(applyReport(read, { status: 'rejected', at: at(199) })).toMatchObject({ status: 'rejected' });
  });
});

it('a reading does not undo what was reported while it went on', () => {
  const { previousCategory, providerTemplateId: _, ...state } = stateOf({ ...row, id: '7', name: 'a', language: 'es' });
  const listed = { ...state, previousCategory, id: '7', name: 'a', language: 'es' };
  const told = { ...row, status: 'approved' as const, toldAt: at(10) };
  expect(applyReading(told, listed, at(5)).status).toBe('approved');
  expect(applyReading(told, listed, at(11)).status).toBe('pending');
});
