import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BurstLine, type LiveReply, placeLine } from './burst.ts';

const at = (seconds: number) => new Date(seconds * 1000);
const times = { quietMs: 3000, longestMs: 15_000 };
const line = (seconds: number, given: Partial<BurstLine> = {}): BurstLine => ({
  inboundMessageId: `m${seconds}`,
  inboundAt: at(seconds),
  isNew: false,
  joins: false,
  ...given,
});
const live = (state: LiveReply['state'], burstAt: number, given: Partial<LiveReply> = {}): LiveReply => ({
  inboundMessageId: `m${burstAt}`,
  state,
  burstAt: at(burstAt),
  isNew: false,
  ...given,
});

describe('placeLine', () => {
  it.each<[string, LiveReply[], number, { burst: number; fires: number; superseded: number[] }]>([
    ['the first line waits for the quiet time', [], 0, { burst: 0, fires: 3, superseded: [] }],
    ['a second line moves the answer', [live('waiting', 0)], 2, { burst: 0, fires: 5, superseded: [0] }],
    [
      'the answer waits no longer than the longest wait',
      [live('waiting', 0)],
      14,
      { burst: 0, fires: 15, superseded: [0] },
    ],
    ['a line ends the call under way', [live('working', 0)], 5, { burst: 0, fires: 8, superseded: [0] }],
    ['a line supersedes what is due', [live('due', 0)], 4, { burst: 0, fires: 7, superseded: [0] }],
    ['a call that took the longest wait goes out', [live('working', 0)], 15, { burst: 15, fires: 18, superseded: [] }],
    [
      'a line beside such a call joins the next burst',
      [live('working', 0), live('waiting', 15)],
      16,
      { burst: 15, fires: 19, superseded: [15] },
    ],
    ['what waits is always joined', [live('waiting', 0)], 40, { burst: 0, fires: 15, superseded: [0] }],
  ])('%s', (_, there, seconds, { burst, fires, superseded }) => {
    const placed = placeLine(there, line(seconds), times)!;
    expect(placed.reply).toMatchObject({ inboundMessageId: `m${seconds}`, state: 'waiting', burstAt: at(burst) });
    expect(placed.fireAt).toEqual(at(fires));
    expect(placed.supersedes.map(({ inboundMessageId }) => inboundMessageId)).toEqual(superseded.map((n) => `m${n}`));
  });

  it('greets when any line of the burst opened the conversation', () => {
    expect(placeLine([live('waiting', 0, { isNew: true })], line(1), times)!.reply.isNew).toBe(true);
    expect(placeLine([], line(1, { isNew: true }), times)!.reply.isNew).toBe(true);
  });

  it('leaves a line alone that only may join, where there is no burst', () => {
    expect(placeLine([], line(1, { joins: true }), times)).toBeNull();
    expect(placeLine([live('working', 0)], line(15, { joins: true }), times)).toBeNull();
    expect(placeLine([live('waiting', 0)], line(1, { joins: true }), times)).not.toBeNull();
  });

  it('a quiet time beyond the longest wait is kept', () => {
    expect(placeLine([], line(0), { quietMs: 60_000, longestMs: 15_000 })!.fireAt).toEqual(at(60));
  });

  it('every line is in exactly one answer, in order, and none waits longer than the longest wait', () => {
    const steps = fc.array(fc.record({ gapMs: fc.nat(9000), callMs: fc.nat(9000) }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(steps, (all) => {
        const answered = play(all);
        expect(answered.flatMap(({ lines }) => lines)).toEqual(all.map((_, i) => `m${i}`));
        for (const { waitedMs } of answered) expect(waitedMs).toBeLessThanOrEqual(times.longestMs);
      }),
      { numRuns: 200 },
    );
  });
});

/** Plays a customer and a model. Returns the lines of each answer. */
function play(steps: readonly { gapMs: number; callMs: number }[]): { lines: string[]; waitedMs: number }[] {
  type Job = { reply: LiveReply; fireMs: number; endMs: number | null; callMs: number };
  let jobs: Job[] = [];
  let unanswered: { id: string; ms: number }[] = [];
  const answers: { lines: string[]; waitedMs: number }[] = [];
  function run(untilMs: number): void {
    for (;;) {
      const [job] = jobs;
      if (!job) return;
      if (job.endMs === null) {
        if (job.fireMs > untilMs) return;
        job.reply.state = 'working';
        job.endMs = job.fireMs + job.callMs;
      }
      if (job.endMs > untilMs) return;
      const last = unanswered.findIndex(({ id }) => id === job.reply.inboundMessageId);
      const lines = unanswered.slice(0, last + 1);
      answers.push({ lines: lines.map(({ id }) => id), waitedMs: job.fireMs - lines[0]!.ms });
      unanswered = unanswered.slice(last + 1);
      jobs = jobs.slice(1);
    }
  }
  let ms = 0;
  steps.forEach(({ gapMs, callMs }, i) => {
    ms += gapMs;
    run(ms);
    const id = `m${i}`;
    unanswered.push({ id, ms });
    const placed = placeLine(
      jobs.map(({ reply }) => reply),
      { inboundMessageId: id, inboundAt: new Date(ms), isNew: false, joins: false },
      times,
    )!;
    jobs = jobs.filter(({ reply }) => !placed.supersedes.includes(reply));
    jobs.push({ reply: placed.reply, fireMs: Math.max(ms, placed.fireAt.getTime()), endMs: null, callMs });
  });
  run(Number.POSITIVE_INFINITY);
  return answers;
}
