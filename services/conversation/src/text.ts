/**
 * The same value with U+0000 as U+FFFD, in texts at any depth: Postgres stores no NUL, and a
 * provider's message must not be lost for one. The value itself is returned when there is none.
 */
export function withoutNul<T>(value: T): T {
  if (typeof value === 'string') return (value.includes('\0') ? value.replaceAll('\0', '\uFFFD') : value) as T;
  if (value === null || typeof value !== 'object') return value;
  // Looking for the escape is far cheaper than walking; a false alarm only costs the walk.
  return JSON.stringify(value).includes('\\u0000') ? (clean(value) as T) : value;
}

function clean(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('\0', '\uFFFD');
  if (Array.isArray(value)) return value.map(clean);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key.replaceAll('\0', '\uFFFD'), clean(inner)]),
  );
}

/** A text without case and accents, as people compare names of theirs. */
export const foldText = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().trim();
