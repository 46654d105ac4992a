import type { z } from 'zod';

/** A refusal of the control API: `{ error: { code, message, details? } }`. */
export class ControlError extends Error {
  readonly statusCode: number;
  readonly code: string;
  readonly details: { field: string; message: string }[] | undefined;
  constructor(statusCode: number, code: string, message: string, details?: { field: string; message: string }[]) {
    super(message);
    this.statusCode = statusCode;
    this.code = code;
    this.details = details;
  }
}

export function parse<T extends z.ZodType>(schema: T, value: unknown): z.output<T> {
  const result = schema.safeParse(value ?? {});
  if (result.success) return result.data;
  const details = result.error.issues.map((issue) => ({ field: issue.path.join('.'), message: issue.message }));
  throw new ControlError(
    400,
    'validation_failed',
    details.map((one) => `${one.field}: ${one.message}`).join('; '),
    details,
  );
}
