import { uuid } from '@recado/contracts';
import { z } from 'zod';
import { cursorField, nextCursorField } from '../../../edge/cursors.ts';
import { FIELD } from '../texts.ts';

export const idParams = z.strictObject({ id: uuid() });

/** Query of every list of this edition. `limit` in rows. */
export const pageQuery = (limit: number) => ({
  page: z.coerce.number().int().min(1).max(10_000).default(1),
  limit: z.coerce.number().int().min(1).max(100).default(limit),
  cursor: cursorField('es'),
});

export const paged = <S extends z.ZodType>(item: S) =>
  z.object({
    data: z.array(item),
    meta: z.object({
      current_page: z.number().int(),
      per_page: z.number().int(),
      total: z.number().int(),
      total_pages: z.number().int(),
      total_is_capped: z.literal(true).optional().describe('Hay más de los que dice `total`'),
      next_cursor: nextCursorField('es'),
    }),
  });

export const person = z.object({ id: uuid(), first_name: z.string(), last_name: z.string() }).meta({ id: 'Person' });

export const campaignName = z.object({ id: uuid(), name: z.string() });
export const numberName = z.object({ id: uuid(), phone_number: z.string().nullable() });

/** A date or a moment in a filter; see dates.ts. */
export const dayOrTime = z.union([z.iso.date(), z.iso.datetime({ offset: true })], {
  error: FIELD.notDayOrTime,
});
