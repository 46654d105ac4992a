import { uuid } from '@recado/contracts';
import { z } from 'zod';
import { cursorField, nextCursorField } from '../../../edge/cursors.ts';

export const OWN = 'Quien no es admin solo ve lo que creó';

export const search = (where: string) => z.string().trim().max(120).optional().describe(where);

export const idParams = z.strictObject({ id: uuid() });

/** Query of every list of this edition. */
export const pageQuery = {
  page: z.coerce.number().int().min(1).max(10_000).default(1),
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: cursorField('es'),
};

/** The document speaks of paginated lists and shows none: the block bots.md and inbox.md show. */
export const paged = <S extends z.ZodType>(item: S) =>
  z.object({
    data: z.array(item),
    pagination: z.object({
      page: z.number().int(),
      limit: z.number().int(),
      total: z.number().int(),
      pages: z.number().int(),
      total_is_capped: z.literal(true).optional().describe('Hay más de los que dice `total`'),
      next_cursor: nextCursorField('es'),
    }),
  });

/** Of what has nothing more to say. */
export const done = z.object({ message: z.string() });
