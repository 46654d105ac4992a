import type { FieldError } from '@recado/contracts';
import { ValidationFailed } from '@recado/service-kit';
import type { z } from 'zod';
import type { Language } from '../languages/language.ts';

type Part = 'body' | 'query' | 'params';

/**
 * Parses one part of a request in the edition's language. NUL characters are refused before, where they come in.
 * @throws ValidationFailed with every bad field, every unknown key named as a field of its own
 */
export function parsePart<S extends z.ZodType>(schema: S, value: unknown, part: Part, language: Language): z.output<S> {
  const result = schema.safeParse(value, { error: language.issue });
  if (result.success) return result.data;
  throw new ValidationFailed(result.error.issues.flatMap((issue) => fieldErrors(issue, part, language)));
}

function fieldErrors(issue: z.core.$ZodIssue, part: Part, language: Language): FieldError[] {
  const path = issue.path.map(String).join('.');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => said(path ? `${path}.${key}` : key, language.unknownField));
  }
  return [said(path || part, language.messages[issue.message] ?? issue.message)];
}

/** Marks a bad field whose sentence is in the edition's language already. */
export const SAID = 'said';

/** A bad field in the edition's own words. */
export const said = (field: string, message: string): FieldError => ({ field, message, code: SAID });
