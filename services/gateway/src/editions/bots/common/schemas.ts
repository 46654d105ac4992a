import { z } from 'zod';
import { cursorField, nextCursorField } from '../../../edge/cursors.ts';

export const success = <S extends z.ZodType>(data: S) =>
  z.object({ success: z.literal(true), message: z.string(), data });

/** Where the document shows no message. */
export const found = <S extends z.ZodType>(data: S) => z.object({ success: z.literal(true), data });

/** Where it shows nothing but one. */
export const done = z.object({ success: z.literal(true), message: z.string() });

/** Query of every list of this edition. `limit` in rows. */
export const pageQuery = (limit: number) => ({
  page: z.coerce.number().int().min(1).max(10_000).default(1),
  limit: z.coerce.number().int().min(1).max(100).default(limit),
  cursor: cursorField('es'),
});

export const paged = <S extends z.ZodType>(item: S) =>
  z.object({
    success: z.literal(true),
    data: z.array(item),
    pagination: z.object({
      page: z.number().int(),
      limit: z.number().int(),
      total: z.number().int(),
      pages: z.number().int(),
      totalIsCapped: z.literal(true).optional().describe('Hay más de los que dice `total`'),
      nextCursor: nextCursorField('es'),
    }),
  });
