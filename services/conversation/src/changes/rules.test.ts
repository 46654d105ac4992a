import { expect, test } from 'vitest';
import { currentOf, type Version } from './rules.ts';

const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second));
const version = (kind: Version['kind'], content: string, second: number, more: object = {}): Version => ({
  kind,
  direction: 'inbound',
  changeId: kind === 'original' ? '' : `${kind} ${second}`,
  at: at(second),
  type: 'text',
  content,
  details: kind === 'original' ? null : { change: { kind, providerMessageId: 'w', ...more } },
});
const UNREADABLE = { unreadable: true };

test.each([
  ['the first words', [version('edited', '', 2, UNREADABLE)], 'At five'],
  ['the last words that were read', [version('edited', 'At six', 2), version('edited', '', 3, UNREADABLE)], 'At six'],
] as const)('an edit that only phones can read leaves %s, and is shown as an edit', (_title, edits, content) => {
  const last = edits.at(-1)!;
  for (const versions of [[version('original', 'At five', 1), ...edits], [...edits].reverse()]) {
    const all = versions.some(({ kind }) => kind === 'original')
      ? versions
      : [...versions, version('original', 'At five', 1)];
    const changed = { kind: 'edited', at: last.at.toISOString(), unreadable: true };
    expect(currentOf(all)).toEqual({ type: 'text', content, details: { changed } });
  }
});

test('a later edit that can be read takes the place of one that cannot', () => {
  const edits = [version('edited', '', 2, UNREADABLE), version('edited', 'At six', 3)];
  const now = currentOf([version('original', 'At five', 1), ...edits]);
  expect(now).toEqual({
    type: 'text',
    content: 'At six',
    details: { changed: { kind: 'edited', at: at(3).toISOString() } },
  });
});

test.each([
  ['inbound', 'customer', 'At six'],
  ['inbound', 'either', 'At six'],
  ['outbound', 'either', 'At six'],
  // A customer's phone does not change what we wrote.
  ['outbound', 'customer', undefined],
] as const)('of an %s message an edit by %s, who was not told, makes %s', (direction, untold, content) => {
  const original = { ...version('original', 'At five', 1), direction };
  const edit = { ...version('edited', 'At six', 2, { untold }), direction: 'outbound' as const };
  expect(currentOf([original, edit])?.content).toBe(content);
});
