import type { Tx } from '@recado/database';

/**
 * Columns of many rows as parameters of one `unnest(…)`. Escaping each array element took half of
 * the time of storing a message, so values that need none are joined.
 */

/**
 * For `${joined(…)}::uuid[]`, `::int[]`, `::timestamptz[]`: values that hold nothing an array
 * literal would have to quote.
 */
export function joined(values: readonly (string | number | null)[]): string {
  let list = '{';
  for (let i = 0; i < values.length; i++) list += (i === 0 ? '' : ',') + (values[i] ?? 'null');
  return `${list}}`;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const SEPARATORS = /[\x1e\x1f]/;

/**
 * A `text[]` of any values. They travel as one text cut at U+001E, with U+001F for null; only
 * values that hold these as an array.
 */
export function texts(tx: Tx, values: readonly (string | null)[]) {
  let list = '';
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    // A single empty text would be cut into no texts at all.
    if (value !== null && (value === '' ? values.length === 1 : SEPARATORS.test(value))) {
      return tx`${values as (string | null)[]}::text[]`;
    }
    list += (i === 0 ? '' : '\x1e') + (value ?? '\x1f');
  }
  return tx`string_to_array(${list}, e'\\x1e', e'\\x1f')`;
}
