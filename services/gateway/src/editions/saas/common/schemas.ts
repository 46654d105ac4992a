import { z } from 'zod';
import { nextCursorField } from '../../../edge/cursors.ts';

/** This edition's envelope. */
export const envelope = <S extends z.ZodType>(data: S) => z.object({ message: z.string(), data });

export const listEnvelope = <S extends z.ZodType>(item: S) =>
  z.object({ message: z.string(), data: z.array(item), total: z.number().int() });

export const nextCursor = nextCursorField('es');
const totalIsCapped = z.literal(true).optional().describe('Hay más de los que dice `total`');
/** Of lists that can be walked. */
export const walkedEnvelope = <S extends z.ZodType>(item: S) =>
  listEnvelope(item).extend({ nextCursor, totalIsCapped });

/** Of what has nothing more to say. */
export const done = z.object({ message: z.string() });
