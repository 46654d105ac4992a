import { z } from 'zod';
import { nextCursorField } from '../../../edge/cursors.ts';

/** Of what has nothing more to say. */
export const done = z.object({ message: z.string() });

export const paged = <S extends z.ZodType>(item: S) =>
  z.object({
    data: z.array(item),
    pagination: z.object({
      page: z.number().int(),
      limit: z.number().int(),
      total: z.number().int(),
      pages: z.number().int(),
      totalIsCapped: z.literal(true).optional().describe('Há mais do que diz `total`'),
      nextCursor: nextCursorField('pt'),
    }),
  });
