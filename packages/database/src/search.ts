import type postgres from 'postgres';
import type { Tx } from './connect.ts';

/** Letters that people leave the accents off when they search. */
const LETTERS = { a: 'áàâãäå', c: 'ç', e: 'éèêë', i: 'íìîï', n: 'ñ', o: 'óòôõö', u: 'úùûü', y: 'ýÿ' };
/** Accents that stand behind their letter. */
const MARKS = '\u0300\u0301\u0302\u0303\u0308\u0327';

const PLAIN = new Map(
  Object.entries(LETTERS).flatMap(([plain, accented]) => [...accented].map((letter) => [letter, plain] as const)),
);

/** A text as searches compare it: lower case, without accents. In SQL: `contact_text`. */
export const foldText = (text: string): string =>
  [...text.normalize('NFC').toLowerCase()].map((letter) => PLAIN.get(letter) ?? letter).join('');

/** A regular expression of Postgres that finds a folded text under any accents. */
const patternOf = (folded: string): string =>
  [...folded]
    .map((letter) => (isLetter(letter) ? `[${letter}${LETTERS[letter]}][${MARKS}]?` : escaped(letter)))
    .join('');

const isLetter = (letter: string): letter is keyof typeof LETTERS => Object.hasOwn(LETTERS, letter);
/** Any other character by its number, so that none has a meaning of its own. */
function escaped(letter: string): string {
  const code = letter.codePointAt(0)!;
  const hex = code.toString(16);
  return code > 0xffff ? `\\U${hex.padStart(8, '0')}` : `\\u${hex.padStart(4, '0')}`;
}

/**
 * A condition: the column holds the text in any case and with any accents. ASCII is compared as
 * it is, because that is faster.
 */
export function holdsText(tx: Tx, column: postgres.Fragment, text: string) {
  const folded = foldText(text);
  return tx`case when octet_length(${column}) = char_length(${column}) then strpos(lower(${column}), ${folded}) > 0
    else lower(${column}) ~ ${patternOf(folded)} end`;
}
