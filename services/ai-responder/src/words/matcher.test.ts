import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMatcher, holdsAny } from './matcher.ts';
import { normalise } from './normalise.ts';

describe('normalise', () => {
  it.each([
    ['¿Cuál es el PRECIO?', 'cual es el precio'],
    ['¿Sabes C++, José? 👍', 'sabes c++ jose'],
    ['C# y F#.', 'c# y f#'],
    ['Ação! São João', 'acao sao joao'],
    ['mucha-información', 'mucha informacion'],
    ['ｐｒｅｃｉｏ ½', 'precio 1 2'],
    ['buenos 😀 días', 'buenos dias'],
    ['1️⃣', '1'],
    ['precio+envío', 'precio envio'],
    ['👍🏽 !!', ''],
  ])('of "%s" is "%s"', (text, words) => {
    expect(normalise(text)).toBe(words);
  });

  it('gives the same when it is applied twice', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(normalise(normalise(text))).toBe(normalise(text));
      }),
      { numRuns: 50 },
    );
  });
});

describe('a list of words', () => {
  it.each([
    ['¿Cuál es el PRECIO?', ['precio'], true],
    ['Los precios, por favor', ['precio'], false],
    ['cotizacion', ['cotización'], true],
    ['COTIZACIÓN!!', ['cotizacion'], true],
    ['this', ['hi'], false],
    ['quiero  mucha   información', ['mucha información'], true],
    ['mucha-información', ['mucha información'], true],
    ['mucha más información', ['mucha información'], false],
    ['un mucha', ['mucha información'], false],
    ['c de casa', ['c++'], false],
    ['¿enseñan C++?', ['c++'], true],
    ['enseñan c++', ['c'], false],
    ['tengo Disney+', ['disney'], true],
    ['tengo disney', ['disney+'], false],
    ['ok 👍🏽', ['👍'], true],
    ['ok', ['👍'], false],
    ['hola', [], false],
    ['hola', ['  ', '!'], false],
    ['', ['hola'], false],
  ])('in "%s" %j is found: %s', (text, list, found) => {
    expect(holdsAny(text, list)).toBe(found);
  });
});

describe('a matcher', () => {
  const texts = (entries: { text: string; priority?: number }[], message: string) =>
    createMatcher(entries)
      .matches(message)
      .map(({ text }) => text);

  it('gives the longest first, then by priority, then in the order given', () => {
    const entries = [
      { text: 'hola' },
      { text: 'Hóla' },
      { text: 'pagar', priority: 1 },
      { text: 'quiero pagar' },
      { text: 'envío', priority: 2 },
      { text: '👍' },
    ];
    expect(texts(entries, 'hola, quiero PAGAR el envio 👍')).toEqual([
      'quiero pagar',
      'envío',
      'pagar',
      'hola',
      'Hóla',
      '👍',
    ]);
    expect(createMatcher(entries).match('no')).toBeNull();
  });

  it('finds a phrase within a longer one that does not go on', () => {
    const entries = [{ text: 'a b c d' }, { text: 'b c' }];
    expect(texts(entries, 'a b c e')).toEqual(['b c']);
  });

  it('finds the same entries as a look at each one by itself', () => {
    const word = fc.constantFrom('c', 'c++', 'hola', 'año', 'ANO', 'de', 'casa', 'disney', 'disney+');
    const phrase = fc.array(word, { minLength: 1, maxLength: 3 }).map((words) => words.join(' '));
    fc.assert(
      fc.property(fc.array(phrase, { maxLength: 6 }), fc.array(word, { maxLength: 8 }), (phrases, words) => {
        const text = words.join(' 😀, ');
        const alone = phrases.filter((entry) => holdsAny(text, [entry]));
        expect(
          texts(
            phrases.map((entry) => ({ text: entry })),
            text,
          ).sort(),
        ).toEqual(alone.sort());
        const sentence = ` ${normalise(text)} `;
        for (const entry of phrases) {
          if (sentence.includes(` ${normalise(entry)} `)) expect(alone).toContain(entry);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('needs less than a millisecond among 10,000 entries', () => {
    const entries = Array.from({ length: 10_000 }, (_, i) => ({ text: `producto ${i % 100} modelo ${i}` }));
    const matcher = createMatcher([...entries, { text: 'producto' }]);
    const message = `Hola, quiero el producto 42 modelo 1042, por favor. ${'producto 7 modelo '.repeat(20)}`;
    const times = Array.from({ length: 50 }, () => {
      const started = performance.now();
      expect(matcher.match(message)?.text).toBe('producto 42 modelo 1042');
      return performance.now() - started;
    });
    expect(times.sort((a, b) => a - b)[25]).toBeLessThan(1);
  });
});
