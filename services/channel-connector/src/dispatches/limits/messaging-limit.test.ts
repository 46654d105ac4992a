import { describe, expect, it } from 'vitest';
import { shareRoom } from './messaging-limit.ts';

const opener = (recipient: string, minute: number) => {
  const at = `2026-01-01T10:${String(minute).padStart(2, '0')}:00.000Z`;
  return { recipient, openedAt: new Date(at), messageId: `${recipient}${minute}`, row: { requestedAt: at } };
};
const shown = ({ granted, beyond }: ReturnType<typeof shareRoom<ReturnType<typeof opener>>>) => ({
  granted: granted.map(({ recipient, messageId }) => `${recipient} ${messageId}`),
  beyond: beyond.map(({ messageId }) => messageId),
});

describe('room for customers who are written to first', () => {
  it('goes to the earliest messages', () =>
    expect(shown(shareRoom([opener('c', 3), opener('a', 1), opener('b', 2)], new Set(), 2))).toEqual({
      granted: ['a a1', 'b b2'],
      beyond: ['c3'],
    }));

  it('is taken once by a customer with several messages, none of which takes it back alone', () =>
    expect(shown(shareRoom([opener('a', 1), opener('a', 2), opener('b', 3)], new Set(), 1))).toEqual({
      granted: ['a null'],
      beyond: ['b3'],
    }));

  it('is not taken by customers who were written to today, even when none is left', () =>
    expect(shown(shareRoom([opener('a', 1), opener('b', 2)], new Set(['a']), -3))).toEqual({
      granted: ['a a1'],
      beyond: ['b2'],
    }));
});
