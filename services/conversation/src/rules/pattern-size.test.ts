import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkConditions } from './check.ts';
import { compilePattern, explain } from './conditions.ts';
import { MAX_MATCHED, MAX_PATTERN_SIZE, patternSize } from './pattern-size.ts';

const matches = (value: string) => ({ type: 'text' as const, op: 'matches' as const, value });
const all = (...values: string[]) => ({ type: 'all' as const, conditions: values.map(matches) });

describe('the patterns of a rule', () => {
  it.each([
    'cu[aá]nto cuesta|precio',
    '^[\\w.]+@[\\w.]+\\.[a-z]{2,10}$',
    '(\\d{4}[- ]?){4}',
    '.{0,100}factura.{0,100}',
    '[[:alpha:]]{3}\\d+',
  ])('are taken as people write them: %s', (pattern) => {
    expect(() => checkConditions(matches(pattern))).not.toThrow();
  });

  it.each(['.{1000}'.repeat(71), '((?:abc){30}){30}', '(?:\\Qabcdef\\E{100}){10}', '[]x]{1000}'])(
    'are refused before they are compiled when they grow too large: %s',
    (pattern) => {
      const began = performance.now();
      expect(() => checkConditions(matches(pattern))).toThrow(
        expect.objectContaining({
          details: [expect.objectContaining({ field: 'conditions.value', code: 'pattern_size' })],
        }),
      );
      expect(performance.now() - began).toBeLessThan(50);
    },
  );

  it('are counted together, and the one that is too much is named', () => {
    const large = `a{${Math.floor(MAX_PATTERN_SIZE / 3)}}`;
    expect(() => checkConditions(all(large, 'b'))).not.toThrow();
    expect(() => checkConditions({ type: 'any', conditions: [all(large), all('b', large, large)] })).toThrow(
      expect.objectContaining({
        details: [expect.objectContaining({ field: 'conditions.conditions.1.conditions.2.value' })],
      }),
    );
  });

  it('look at the beginning of a message, so that no long one takes the service for itself', () => {
    const facts = (text: string) => ({ text }) as Parameters<typeof explain>[1];
    expect(explain(matches('fin'), facts(`${'x'.repeat(MAX_MATCHED - 3)}fin`)).holds).toBe(true);
    expect(explain(matches('fin'), facts(`${'x'.repeat(MAX_MATCHED)}fin`)).holds).toBe(false);
  });

  it('are never much larger once they are compiled than their size says', () => {
    const { pattern } = fc.letrec<{ pattern: string; atom: string; piece: string }>((tie) => ({
      atom: fc.oneof(
        { withCrossShrink: true },
        fc.constantFrom('a', '.', '\\d', '\\pL', '[a-z]', '[]{]', '[^]]', '\\Q({\\E', '\\(', '\\{'),
        tie('pattern').map((inner) => `(${inner})`),
        tie('pattern').map((inner) => `(?:${inner}|b)`),
      ),
      piece: fc
        .tuple(tie('atom'), fc.constantFrom('', '', '?', '*', '+', '{3}', '{2,40}', '{9,}', '{0,5}?'))
        .map((all) => all.join('')),
      pattern: fc.array(tie('piece'), { minLength: 1, maxLength: 4 }).map((pieces) => pieces.join('')),
    }));
    fc.assert(
      fc.property(pattern, (one) => {
        if (patternSize(one) > MAX_PATTERN_SIZE) return;
        let size = 0;
        try {
          size = compilePattern(one).programSize();
        } catch {
          return;
        }
        expect(size).toBeLessThanOrEqual(4 * patternSize(one) + 10);
      }),
    );
  });
});
