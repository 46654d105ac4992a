import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { advanceClocks, type ClockFacts, type Clocks, hasBreach, nextDue, nextLook, wantedClocks } from './rules.ts';

const at = (seconds: number) => new Date(Date.UTC(2026, 10, 30, 12) + seconds * 1000);
const facts = (given: Partial<ClockFacts> = {}): ClockFacts => ({
  status: 'queued',
  createdAt: at(0),
  assignedUserId: null,
  assignedAt: null,
  awaitedSince: at(0),
  firstResponseAt: null,
  closedAt: null,
  ...given,
});
const SETTINGS = {
  slaFirstResponseSeconds: 100,
  slaNextResponseSeconds: 50,
  slaResolutionSeconds: 1000,
  slaWarnPercent: 80,
  silenceSeconds: 30,
  botEnabled: false,
};
const look = (before: Clocks, given: Partial<ClockFacts>, seconds: number, settings: object = {}) => {
  const now = at(seconds);
  const all = facts(given);
  const wanted = wantedClocks(all, { ...SETTINGS, ...settings }, [], now);
  const ends = { first_response: all.firstResponseAt, resolution: all.closedAt };
  return advanceClocks(before, wanted, () => null, now, ends);
};
const names = ({ told }: ReturnType<typeof look>) => told.map(({ name, kind }) => `${name} ${kind}`);

describe('a target', () => {
  it('is warned of and missed, each told once', () => {
    const first = look({}, {}, 0);
    expect(nextLook(first.clocks)).toEqual(at(80));
    expect(nextDue(first.clocks)).toEqual(at(100));
    const warned = look(first.clocks, {}, 80);
    expect(names(warned)).toEqual(['first_response warned']);
    expect(names(look(warned.clocks, {}, 90))).toEqual([]);
    const missed = look(warned.clocks, {}, 100);
    expect(names(missed)).toEqual(['first_response breached']);
    expect(hasBreach(missed.clocks)).toBe(true);
    expect(names(look(missed.clocks, {}, 500))).toEqual([]);
  });

  it('that was missed before the look came is not warned of', () => {
    expect(names(look({}, {}, 300))).toEqual(['first_response breached']);
  });

  it('ends with the answer of a person, and was missed if that came late', () => {
    const answered = { awaitedSince: null, firstResponseAt: at(90), status: 'active' };
    const intime = look(look({}, {}, 0).clocks, answered, 95);
    expect(intime.clocks.first_response).toMatchObject({ endedAt: at(90).toISOString(), breachedAt: null });
    expect(names(intime)).toEqual(['first_response warned']);
    const late = look(look({}, {}, 0).clocks, { ...answered, firstResponseAt: at(101) }, 105);
    expect(names(late)).toEqual(['first_response breached']);
    expect(hasBreach(late.clocks)).toBe(false);
  });

  it('of the next answer begins anew with each turn of the customer', () => {
    const turn = (seconds: number) => ({ firstResponseAt: at(5), awaitedSince: at(seconds), status: 'active' });
    const one = look({}, turn(10), 10);
    expect(one.clocks.next_response?.dueAt).toBe(at(60).toISOString());
    const two = look(one.clocks, turn(200), 200);
    expect(two.clocks.next_response).toMatchObject({ dueAt: at(250).toISOString(), endedAt: null });
    expect(names(two)).toEqual([]);
  });

  it('of the resolution stands while the chat waits for the customer', () => {
    const open = { firstResponseAt: at(1), awaitedSince: null, status: 'active' };
    const pending = { ...open, status: 'pending' };
    const begun = look({}, open, 0).clocks;
    const stood = look(begun, pending, 400).clocks;
    expect(stood.resolution).toMatchObject({ dueAt: null, left: { due: 600_000, warn: 400_000 } });
    expect(nextLook(stood)).toBeNull();
    const again = look(stood, { ...pending, awaitedSince: at(5000) }, 5000).clocks;
    expect(again.resolution).toMatchObject({
      dueAt: at(5600).toISOString(),
      warnAt: at(5400).toISOString(),
      left: null,
    });
  });

  it('has all its time again in a chat that opens again', () => {
    const begun = look({}, { awaitedSince: null }, 0).clocks;
    const closed = look(begun, { awaitedSince: null, status: 'closed', closedAt: at(500) }, 501).clocks;
    expect(closed.resolution).toMatchObject({ endedAt: at(500).toISOString(), breachedAt: null });
    const opened = look(closed, { awaitedSince: null, status: 'queued' }, 9000).clocks;
    expect(opened.resolution).toMatchObject({ dueAt: at(10_000).toISOString(), endedAt: null });
  });

  it('leaves the AI its own time', () => {
    const settings = { botEnabled: true };
    expect(look({}, { status: 'bot' }, 0, settings).clocks).toEqual({});
    expect(look({}, { status: 'queued' }, 300, settings).clocks.first_response?.dueAt).toBe(at(400).toISOString());
  });
});

describe('silence', () => {
  const has = { assignedUserId: 'ana', assignedAt: at(10), status: 'assigned' };

  it('counts from when the agent got the chat, or the customer wrote after that', () => {
    expect(look({}, has, 10).clocks.silence?.dueAt).toBe(at(40).toISOString());
    expect(look({}, { ...has, awaitedSince: at(20) }, 20).clocks.silence?.dueAt).toBe(at(50).toISOString());
  });

  it('ends with an answer, and begins anew with another agent', () => {
    const begun = look({}, has, 10).clocks;
    expect(look(begun, { ...has, awaitedSince: null, firstResponseAt: at(15) }, 15).clocks.silence).toBeUndefined();
    const other = look(begun, { ...has, assignedUserId: 'luis', assignedAt: at(30) }, 30).clocks;
    expect(other.silence?.dueAt).toBe(at(60).toISOString());
    expect(names(look(begun, has, 40))).toContain('silence breached');
  });
});

it('any order of looks tells each target once at most, and not before its time', () => {
  const change = fc.record({
    after: fc.integer({ min: 0, max: 120 }),
    status: fc.constantFrom('queued', 'assigned', 'active', 'pending', 'bot', 'closed'),
    awaits: fc.boolean(),
    answered: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 40 }), (changes) => {
      let clocks: Clocks = {};
      let [now, awaited]: [number, number | null] = [0, 0];
      let answeredAt: number | null = null;
      const told = new Set<string>();
      for (const one of changes) {
        now += one.after;
        if (one.answered && awaited !== null) {
          answeredAt ??= now;
          awaited = null;
        } else if (one.awaits) awaited ??= now;
        const given = {
          status: one.status,
          awaitedSince: awaited === null ? null : at(awaited),
          firstResponseAt: answeredAt === null ? null : at(answeredAt),
          closedAt: one.status === 'closed' ? at(now) : null,
        };
        const result = look(clocks, given, now);
        for (const { name, kind, dueAt } of result.told) {
          const key = `${name} ${kind} ${dueAt}`;
          expect(told.has(key)).toBe(false);
          told.add(key);
          if (kind === 'breached') expect(new Date(dueAt) <= at(now)).toBe(true);
        }
        // A second look at the same moment finds nothing new.
        expect(look(result.clocks, given, now)).toEqual({ clocks: result.clocks, told: [] });
        clocks = result.clocks;
        const next = nextLook(clocks);
        if (next) expect(next > at(now)).toBe(true);
      }
    }),
    { numRuns: 200 },
  );
});
