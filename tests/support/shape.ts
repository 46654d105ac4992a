/**
 * Compares an answer with a document's example by key and type, and returns the differences by
 * path. Null on either side fits anything. Example ids, times and tokens stand for their kind.
 */
export function misfits(example: unknown, answer: unknown, path = '$'): string[] {
  if (example === null) return answer === undefined ? [`${path} is missing`] : [];
  if (answer === undefined) return [`${path} is missing`];
  if (answer === null) return [];
  if (Array.isArray(example)) {
    if (!Array.isArray(answer)) return [`${path} is ${typeof answer}, not a list`];
    return example.length === 0 ? [] : answer.flatMap((item, i) => misfits(example[0], item, `${path}[${i}]`));
  }
  if (typeof example === 'object') {
    if (typeof answer !== 'object' || Array.isArray(answer)) return [`${path} is ${typeof answer}, not an object`];
    return Object.entries(example as object).flatMap(([key, value]) =>
      misfits(value, (answer as Record<string, unknown>)[key], `${path}.${key}`),
    );
  }
  // Ids are opaque texts in every edition, also where a document shows integers.
  if (typeof example === 'number' && typeof answer === 'string' && /(^|[._])id$/i.test(path.split('.').at(-1) ?? ''))
    return [];
  if (typeof example !== typeof answer) return [`${path} is ${typeof answer}, not ${typeof example}`];
  return typeof example === 'string' ? misspelt(example, answer as string, path) : [];
}

const UPPER_WORD = /^[A-Z]{3,}(_[A-Z]+)*$/;
/** In an answer a word may be short: IN_PROGRESS. */
const CAPITALS = /^[A-Z]+(_[A-Z]+)*$/;
const ISO_UTC = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/;

/** Enumerations keep the document's case, and times its form. */
function misspelt(example: string, answer: string, path: string): string[] {
  if (UPPER_WORD.test(example) && !CAPITALS.test(answer)) return [`${path} is not in capitals: ${answer}`];
  if (ISO_UTC.test(example) && !ISO_UTC.test(answer)) return [`${path} is no UTC time: ${answer}`];
  return [];
}
