import { uuidv7 } from '@recado/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lastWords, type TimerWord } from './rules.ts';

const TENANTS = [uuidv7(), uuidv7()];
const word = fc.record<TimerWord>({
  tenantId: fc.constantFrom(...TENANTS),
  owner: fc.constantFrom('ai-responder', 'conversation'),
  key: fc.constantFrom('a', 'b'),
  state: fc.constantFrom('armed', 'cancelled'),
  fireAt: fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  payload: fc.constant({}),
  eventTime: fc.integer({ min: 0, max: 3 }).map((ms) => new Date(ms).toISOString()),
  eventId: fc.uuid(),
});

describe('the newest event of a timer', () => {
  it('does not depend on the order or the batches of arrival', () => {
    fc.assert(
      fc.property(fc.array(word), fc.infiniteStream(fc.nat()), fc.nat(), (words, keys, cut) => {
        const shuffled = words
          .map((one) => ({ one, key: keys.next().value as number }))
          .sort((a, b) => a.key - b.key)
          .map(({ one }) => one);
        const at = cut % (words.length + 1);
        const inTwo = lastWords([...lastWords(shuffled.slice(0, at)), ...lastWords(shuffled.slice(at))]);
        expect(inTwo).toEqual(lastWords(words));
      }),
    );
  });

  it('exists once per tenant, owner and key', () => {
    const said = {
      fireAt: '2026-01-01T00:00:00Z',
      payload: {},
      eventTime: '2026-01-01T00:00:00Z',
      state: 'armed' as const,
    };
    const one = (tenantId: string, owner: string) => ({ ...said, tenantId, owner, key: 'k', eventId: uuidv7() });
    const words = [one(TENANTS[0]!, 'a'), one(TENANTS[0]!, 'b'), one(TENANTS[1]!, 'a')];
    expect(lastWords(words)).toHaveLength(3);
  });
});
