import type { FieldError } from '@recado/contracts';
import { ownCode, ValidationFailed } from '@recado/service-kit';
import type { z } from 'zod';
import { findSentence, issueText, type Language } from '../languages/language.ts';

type Part = 'body' | 'query' | 'params';

/** Bad fields found at the edge: their names and sentences are the edition's own already. */
export class InvalidRequest extends ValidationFailed {}

/** @throws InvalidRequest naming one field */
export function refuseField(field: string, message: string): never {
  throw new InvalidRequest([{ field, message }]);
}

/**
 * Parses one part of a request. NUL characters were refused before.
 * @throws InvalidRequest with every bad field, every unknown key named as a field of its own
 */
export function parsePart<S extends z.ZodType>(schema: S, value: unknown, part: Part, texts: Language): z.output<S> {
  const result = schema.safeParse(value, { error: (issue) => issueText(texts, issue) });
  if (result.success) return result.data;
  throw new InvalidRequest(result.error.issues.flatMap((issue) => fieldErrors(issue, part, texts)));
}

function fieldErrors(issue: z.core.$ZodIssue, part: Part, texts: Language): FieldError[] {
  const field = issue.path.map(String).join('.');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ field: field ? `${field}.${key}` : key, message: texts.fields.unknown }));
  }
  // A refinement of the contracts brings an English sentence, and the key of ours.
  const key = issue.code === 'custom' ? ownCode(issue) : null;
  return [{ field: field || part, message: findSentence(texts.fields, key) ?? issue.message }];
}
