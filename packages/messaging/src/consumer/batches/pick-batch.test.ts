import { expect, test } from 'vitest';
import type { Entry, Held } from '../delivery.ts';
import { pickBatch } from './pick-batch.ts';

const TENANTS = {
  a: '0190a0a0-0000-7000-8000-00000000000a',
  b: '0190a0a0-0000-7000-8000-00000000000b',
  c: '0190a0a0-0000-7000-8000-00000000000c',
} as const;
type Name = keyof typeof TENANTS;

interface Message extends Held {
  name: string;
  count: number;
}

/** `a1` is tenant a's first message; `events` in each. */
function messages(names: string[], { events = 1, at = 0 } = {}): Message[] {
  return names.map((name) => {
    const subject = `recado.conversation.${TENANTS[name[0] as Name]}.note.written`;
    return {
      name,
      count: events,
      at,
      generation: '',
      settled: false,
      message: { subject, data: new Uint8Array(events * 1000) },
    } as Message;
  });
}

function pick(buffer: Message[], options: { busy?: Name[]; batch?: number; now?: number; drop?: string } = {}) {
  const { entries, rest } = pickBatch(buffer, {
    busy: new Set((options.busy ?? []).map((name) => TENANTS[name])),
    batch: options.batch ?? 512,
    now: options.now ?? 0,
    open: (held) =>
      (held as Message).name === options.drop
        ? null
        : ({ held, events: Array((held as Message).count).fill({}), malformed: [], claim: null } as Entry),
  });
  const names = (list: readonly Held[]) => list.map((one) => (one as Message).name).join(' ');
  return { taken: names(entries.map(({ held }) => held)), rest: names(rest) };
}

test('takes all that fits, and leaves the rest in its order', () => {
  expect(pick(messages(['a1', 'b1', 'a2', 'b2']))).toEqual({ taken: 'a1 a2 b1 b2', rest: '' });
  expect(pick(messages(['a1', 'a2', 'a3']), { batch: 2 })).toEqual({ taken: 'a1 a2', rest: 'a3' });
  expect(pick(messages(['a1', 'a2'], { events: 64 }), { batch: 10 })).toEqual({ taken: 'a1', rest: 'a2' });
  expect(pick([])).toEqual({ taken: '', rest: '' });
});

test('the tenants with the fewest messages go first, and one with a flood has batches of its own', () => {
  const flood = messages(['a1', 'a2', 'a3'], { events: 64 });
  const few = messages(['b1', 'c1', 'c2']);
  expect(pick([...flood, ...few])).toEqual({ taken: 'b1 c1 c2', rest: 'a1 a2 a3' });
  expect(pick(flood, { batch: 128 })).toEqual({ taken: 'a1 a2', rest: 'a3' });
});

test('a message that waited for a second goes first', () => {
  const buffer = [...messages(['a1', 'a2'], { events: 64, at: 0 }), ...messages(['b1'], { at: 900 })];
  expect(pick(buffer, { now: 1000, batch: 64 })).toEqual({ taken: 'a1', rest: 'a2 b1' });
});

test('a tenant of a batch under way waits', () => {
  expect(pick(messages(['a1', 'b1', 'a2']), { busy: ['a'] })).toEqual({ taken: 'b1', rest: 'a1 a2' });
  expect(pick(messages(['a1']), { busy: ['a'] })).toEqual({ taken: '', rest: 'a1' });
});

test('finished messages leave the buffer', () => {
  expect(pick(messages(['a1', 'a2', 'a3']), { drop: 'a2' })).toEqual({ taken: 'a1 a3', rest: '' });
});
