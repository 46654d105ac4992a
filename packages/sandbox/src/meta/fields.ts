import { GraphError } from './errors.ts';

export type Fields = Record<string, unknown>;

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export function invalid(message: string): GraphError {
  return new GraphError(100, { message: `(#100) ${message}`, details: message });
}
export const missing = (details: string): GraphError => new GraphError(131008, { details });
export const badValue = (details: string): GraphError => new GraphError(131009, { details });

/** Lengths are in Unicode characters: an emoji of one code point counts once. */
function charactersOf(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

/** A text that must be there and not be longer than `max` characters. */
export function needText(value: unknown, name: string, max: number): string {
  if (value === undefined || value === null || value === '') throw missing(`The parameter ${name} is required.`);
  if (typeof value !== 'string') throw invalid(`Param ${name} must be a string.`);
  if (charactersOf(value) > max) throw invalid(`Param ${name} must be at most ${max} characters long.`);
  return value;
}

/** A text that may be left out. */
export const mayText = (value: unknown, name: string, max: number): string | null =>
  value === undefined || value === null ? null : needText(value, name, max);

/** A text of an interactive message: Meta has a sentence of its own for each length. */
export function needLabel(value: unknown, name: string, label: string, max: number): string {
  if (value === undefined || value === null) throw missing(`The parameter ${name} is required.`);
  if (typeof value !== 'string') throw invalid(`Param ${name} must be a string.`);
  const length = charactersOf(value.trim() === '' ? '' : value);
  if (length < 1 || length > max) throw badValue(`${label} length invalid. Min length: 1, Max length: ${max}`);
  return value;
}

/** An object that must be there, with no other keys than these. */
export function needFields(value: unknown, name: string, keys: readonly string[]): Fields {
  if (value === undefined || value === null) throw missing(`The parameter ${name} is required.`);
  if (!isFields(value)) throw invalid(`Param ${name} must be a JSON object.`);
  for (const key of Object.keys(value)) {
    if (!keys.includes(key)) throw invalid(`Unexpected key "${key}" on param "${name}".`);
  }
  return value;
}

/** A list that must be there, of `min` to `max` elements. */
export function needList(value: unknown, name: string, [min, max]: readonly [number, number]): unknown[] {
  if (value === undefined || value === null) throw missing(`The parameter ${name} is required.`);
  if (!Array.isArray(value)) throw invalid(`Param ${name} must be an array.`);
  if (value.length < min || value.length > max) {
    throw invalid(`Param ${name} must have between ${min} and ${max} elements.`);
  }
  return value;
}

/** One of some words. */
export function needOneOf(value: unknown, name: string, words: readonly string[]): string {
  if (value === undefined || value === null) throw missing(`The parameter ${name} is required.`);
  if (typeof value !== 'string' || !words.includes(value)) {
    const all = words.map((word) => word.toUpperCase()).join(', ');
    throw invalid(`Param ${name} must be one of {${all}} - got "${String(value)}".`);
  }
  return value;
}

/** A whole number of at least `min`. */
export function needWhole(value: unknown, name: string, min: number, max = Number.MAX_SAFE_INTEGER): number {
  if (value === undefined || value === null) throw missing(`The parameter ${name} is required.`);
  if (!Number.isSafeInteger(value)) throw invalid(`Param ${name} must be an integer.`);
  const number = value as number;
  if (number < min || number > max) throw badValue(`Param ${name} must be between ${min} and ${max}.`);
  return number;
}

export function mayBoolean(value: unknown, name: string): void {
  if (value !== undefined && typeof value !== 'boolean') throw invalid(`Param ${name} must be a boolean.`);
}

export function needWebUrl(value: unknown, name: string): string {
  const url = needText(value, name, 2000);
  if (!URL.canParse(url) || !/^https?:/i.test(url)) throw invalid(`Param ${name} is not a valid URI.`);
  return url;
}

/** Refuses the second of two equal values. */
export function needUnique(values: readonly string[], label: string): void {
  const seen = new Set<string>();
  for (const value of values) {
    if (seen.has(value)) throw badValue(`Duplicated ${label}: ${value}`);
    seen.add(value);
  }
}
