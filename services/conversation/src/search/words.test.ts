import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SEGMENT_SIZE, segmentsOf, wordsOf } from './segment.ts';
import { snippetOf } from './snippet.ts';
import { findMarks, parseQuery, tokensOf } from './words.ts';

const found = (text: string, query: string) =>
  findMarks(tokensOf(text), parseQuery(query))?.map(({ start, end }) => text.slice(start, end)) ?? null;

describe('a message', () => {
  it.each<[string, string, string[] | null]>([
    ['Olá, você quer o CAFÉ?', 'ola cafe', ['Olá', 'CAFÉ']],
    ['Mañana a las 10', 'manana', ['Mañana']],
    ['cafe\u0301 solo', 'CAFÉ', ['cafe\u0301']],
    ['Reservación lista', 'reserv*', ['Reservación']],
    ['Reservación lista', 'reserv', null],
    ['muy buenos días', '"buenos dias"', ['buenos días']],
    ['días buenos', '"buenos dias"', null],
    ['buenos y días', '"buenos dias"', null],
    ['pedido #A-1024', 'a-1024', ['A-1024']],
    ['pedido 10245', '"pedido 102*"', ['pedido 10245']],
    ['hola hola', 'hola', ['hola', 'hola']],
    ['Hola 😀 ¿qué tal?', 'que', ['qué']],
    ['hola', 'hola adios', null],
  ])('%j is looked for with %s', (text, query, expected) => {
    expect(found(text, query)).toEqual(expected);
  });

  it('is found by each of its words, in any case and with any accents', () => {
    const word = fc.stringMatching(/^[a-zñáéíóúãõç]{1,12}$/);
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 8 }), fc.nat(), (words, at) => {
        const wanted = words[at % words.length]!.normalize('NFD').toUpperCase();
        expect(found(words.join(' '), wanted)).not.toBeNull();
      }),
    );
  });
});

it('signs and quotes alone are no query', () => {
  expect(parseQuery('"" * … ¿?')).toEqual([]);
});

describe('a snippet', () => {
  it('of a short message is the whole', () => {
    expect(snippetOf('Hola, Ana', [{ start: 6, end: 9 }])).toEqual({
      text: 'Hola, Ana',
      marks: [{ start: 6, end: 9 }],
    });
  });

  it('of a long one begins a little before what was found, and marks it there', () => {
    const text = `${'palabra '.repeat(50)}AQUÍ${' palabra'.repeat(50)}`;
    const at = text.indexOf('AQUÍ');
    const { text: shown, marks } = snippetOf(text, [{ start: at, end: at + 4 }]);
    expect(shown.slice(marks[0]!.start, marks[0]!.end)).toBe('AQUÍ');
    expect(shown).toMatch(/^…palabra .* palabra…$/);
    expect(shown.length).toBeLessThan(200);
  });

  it('joins marks that overlap, and never ends within an emoji', () => {
    const marks = [
      { start: 0, end: 9 },
      { start: 5, end: 9 },
    ];
    expect(snippetOf('hola hola', marks).marks).toEqual([{ start: 0, end: 9 }]);
    fc.assert(
      fc.property(fc.nat({ max: 300 }), (length) => {
        const text = `${'a'.repeat(length)}${'😀'.repeat(200)}`;
        expect(snippetOf(text, [{ start: 0, end: 1 }]).text.isWellFormed()).toBe(true);
      }),
    );
  });
});

describe('segments', () => {
  const tenantId = '01890000-0000-7000-8000-000000000001';
  const message = (content: string, i: number) => ({ id: `m${i}`, content, sentTime: new Date(i * 1000) });

  it('hold all messages in order, 250 at most, with the times they span', () => {
    const all = Array.from({ length: 2 * SEGMENT_SIZE + 1 }, (_, i) => message('hola', i));
    const segments = segmentsOf(tenantId, all);
    expect(segments.map(({ messageIds }) => messageIds.length)).toEqual([250, 250, 1]);
    expect(segments.flatMap(({ messageIds }) => messageIds)).toEqual(all.map(({ id }) => id));
    expect([segments[1]!.oldestAt, segments[1]!.newestAt]).toEqual([new Date(250_000), new Date(499_000)]);
  });

  it('with long messages stay below what Postgres takes', () => {
    const long = (i: number) => Array.from({ length: 2000 }, (_, n) => `${'palabra'.repeat(7)}${i}x${n}`).join(' ');
    const segments = segmentsOf(
      tenantId,
      Array.from({ length: 12 }, (_, i) => message(long(i), i)),
    );
    for (const { words } of segments) expect(Buffer.byteLength(words)).toBeLessThan(1024 * 1024);
  });

  it('fit into a tsvector, whatever edits brought', () => {
    const long = (n: number) => Array.from({ length: 100 }, (_, i) => '字'.repeat(50) + (n * 1000 + i)).join(' ');
    const edited = Array.from({ length: SEGMENT_SIZE }, (_, n) => ({ content: long(n) }));
    expect(Buffer.byteLength(wordsOf(tenantId, edited))).toBeLessThan(2 ** 20);
    const short = Array.from({ length: 600 }, (_, i) => `w${i}`).join(' ');
    const alike = Array.from({ length: SEGMENT_SIZE }, () => ({ content: short }));
    expect(Buffer.byteLength(wordsOf(tenantId, alike))).toBeLessThan(2 ** 20);
  });

  it('keep the place of each message when one has no words any more', () => {
    const [segment] = segmentsOf(tenantId, ['hola ana', 'hola', 'adiós'].map(message));
    expect(segment!.words).toMatch(/^'\w{5}hola':1,2 '\w{5}ana':1 '\w{5}adios':3$/);
    expect(wordsOf(tenantId, [{ content: 'hola ana' }, { content: '' }, { content: 'adiós' }])).toMatch(
      /^'\w{5}hola':1 '\w{5}ana':1 '\w{5}adios':3$/,
    );
  });
});
