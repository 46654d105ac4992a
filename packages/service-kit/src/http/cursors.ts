import { FIELD_CODES, FIRST_CURSOR, MAX_CURSOR, uuid } from '@recado/contracts';
import { z } from 'zod';
import { ValidationFailed } from './errors.ts';

export interface KeysetPage<T> {
  items: T[];
  /** Where the next page starts; null on the last one. */
  nextCursor: string | null;
  hasMore: boolean;
}

/** The keys of the last row shown, as an opaque URL-safe text. Dates become ISO text. */
export function encodeCursor(keys: object): string {
  return Buffer.from(JSON.stringify(keys)).toString('base64url');
}

/**
 * Reads a cursor back. It came over the network: anything that `schema` does not accept gives null,
 * which routes answer with 400.
 */
export function decodeCursor<S extends z.ZodType>(schema: S, cursor: string): z.output<S> | null {
  if (cursor.length > MAX_CURSOR || !/^[\w-]+$/.test(cursor)) return null;
  try {
    const parsed = schema.safeParse(JSON.parse(Buffer.from(cursor, 'base64url').toString(), storable));
    return parsed.success ? parsed.data : null;
  } catch {
    return null; // not JSON, or not storable
  }
}

/** @throws for what no column of ours holds: Postgres would fail over it. */
function storable(_key: string, value: unknown): unknown {
  const isText = typeof value === 'string';
  if (isText ? value.includes('\0') : typeof value === 'number' && value !== (value | 0)) throw new RangeError();
  return value;
}

/**
 * Makes a page of rows read with `limit + 1`; the extra row tells that there is more. `keysOf`
 * names the columns of the order.
 */
export function keysetPage<T>(rows: readonly T[], limit: number, keysOf: (row: T) => object): KeysetPage<T> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  const hasMore = rows.length > limit;
  return { items, hasMore, nextCursor: hasMore && last !== undefined ? encodeCursor(keysOf(last)) : null };
}

/**
 * Which rows of a list: those after a place in its walk, or from a row number. `limit` has one
 * more, see keysetPage.
 */
export interface Slice<K> {
  after: K | null;
  offset: number;
  limit: number;
}

export interface Walk<K> {
  /**
   * What the query asks for; a cursor beats the page. @throws ValidationFailed `cursor` for one of
   * another list or of none
   */
  slice(query: { limit: number; cursor?: string | undefined; page?: number | undefined }): Slice<K>;
  /** The rows without the extra one, and the cursor of what follows the last of them. */
  page<T>(rows: readonly T[], limit: number, keysOf: (row: T) => Placed<K>): { items: T[]; nextCursor: string | null };
  /** The cursor of what follows a place. */
  cursorOf(keys: K): string;
}
type Placed<K> = { [Key in keyof K]: K[Key] | (K[Key] extends string ? Date : never) };

/**
 * A walk of `list` in an order that no change moves a row in. `keys` are the compared values, for
 * example `{ id: uuid() }`. Cursors hold list and place; statements name the tenant.
 */
export function walkOf<S extends z.ZodRawShape>(list: string, keys: S): Walk<z.output<z.ZodObject<S>>> {
  type Keys = z.output<z.ZodObject<S>>;
  const schema = z.strictObject({ list: z.literal(list), keys: z.strictObject(keys) });
  return {
    slice: ({ limit, cursor, page = 1 }) => {
      const offset = cursor === undefined ? (page - 1) * limit : 0;
      return { after: placeOf(cursor), offset, limit: limit + 1 };
    },
    page: (rows, limit, keysOf) => {
      const { items, nextCursor } = keysetPage(rows, limit, (row) => ({ list, keys: keysOf(row) }));
      return { items, nextCursor };
    },
    cursorOf: (keys) => encodeCursor({ list, keys }),
  };

  function placeOf(cursor: string | undefined): Keys | null {
    if (cursor === undefined || cursor === '' || cursor === FIRST_CURSOR) return null;
    const read = decodeCursor(schema, cursor) as { keys: Keys } | null;
    if (read === null) throw new ValidationFailed([{ field: 'cursor', message: FIELD_CODES.cursor, code: 'cursor' }]);
    return read.keys;
  }
}

/** Keys of a list by time. Nothing of ours is older than 1970, and Postgres has no year 0. */
export const timeAndId = { at: z.iso.datetime().refine((at) => Date.parse(at) >= 0), id: uuid() };
