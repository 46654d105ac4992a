import type { z } from 'zod';

export interface KeysetPage<T> {
  items: T[];
  /** Where the next page starts; null on the last one. */
  nextCursor: string | null;
  hasMore: boolean;
}

/** The keys of the last row shown, as an opaque URL-safe text. Dates become ISO text. */
export function encodeCursor(keys: Record<string, string | number | boolean | null | Date>): string {
  return Buffer.from(JSON.stringify(keys)).toString('base64url');
}

/**
 * Reads a cursor back. It came over the network: anything that `schema` does not accept gives null, which
 * routes answer with 400.
 */
export function decodeCursor<S extends z.ZodType>(schema: S, cursor: string): z.output<S> | null {
  if (cursor.length > 1024 || !/^[\w-]+$/.test(cursor)) return null;
  try {
    const parsed = schema.safeParse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
    return parsed.success ? parsed.data : null;
  } catch {
    return null; // not JSON
  }
}

/**
 * Makes a page of rows that were read with `limit + 1`: the extra row only tells that there is more.
 * `keysOf` names the columns the query orders by.
 */
export function keysetPage<T>(
  rows: readonly T[],
  limit: number,
  keysOf: (row: T) => Parameters<typeof encodeCursor>[0],
): KeysetPage<T> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  const hasMore = rows.length > limit;
  return { items, hasMore, nextCursor: hasMore && last !== undefined ? encodeCursor(keysOf(last)) : null };
}
