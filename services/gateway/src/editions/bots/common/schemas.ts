import { z } from 'zod';

export const success = <S extends z.ZodType>(data: S) =>
  z.object({ success: z.literal(true), message: z.string(), data });

/** Where the document shows no message. */
export const found = <S extends z.ZodType>(data: S) => z.object({ success: z.literal(true), data });

/** Where it shows nothing but one. */
export const done = z.object({ success: z.literal(true), message: z.string() });
