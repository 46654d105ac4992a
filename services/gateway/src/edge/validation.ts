import type { FieldError, MissingThing } from '@recado/contracts';
import { compilerOf, NotFound, ownCode, refuseUnstorable, ValidationFailed } from '@recado/service-kit';
import type { z } from 'zod';
import { findSentence, issueText, type Language } from '../languages/language.ts';
import type { EditionFormat } from './edition-format.ts';
import type { RouteOptions } from './route-options.ts';

/** Bad fields found at the edge: their names and sentences are the edition's own already. */
export class InvalidRequest extends ValidationFailed {}

/** @throws InvalidRequest naming one field */
export function refuseField(field: string, message: string): never {
  throw new InvalidRequest([{ field, message }]);
}

/** Fastify's validator compiler of a route: its errors are the edition's. */
export const compilerFor = ({ texts }: EditionFormat, route: Pick<RouteOptions, 'entity'>) =>
  compilerOf((schema, part) => {
    switch (part) {
      case 'params':
        return (input) => {
          const { success, data, error } = schema.safeParse(input);
          if (success) return data;
          // Ids are opaque: one that can't exist is as unknown as one that doesn't.
          throw new NotFound(entityOf(route, error));
        };
      case 'querystring':
        return (input) => {
          refuseUnstorable(input);
          return parsePart(schema, input, 'query', texts);
        };
      case 'body':
        return (input) => parsePart(schema, input, 'body', texts);
    }
  });

/** What the first bad path id names. */
function entityOf({ entity = 'resource' }: Pick<RouteOptions, 'entity'>, { issues }: z.ZodError): MissingThing {
  return typeof entity === 'string' ? entity : (entity[String(issues[0]!.path[0])] ?? 'resource');
}

/**
 * Parses one part of a request.
 * @throws InvalidRequest with every bad field, every unknown key named as a field of its own
 */
export function parsePart<S extends z.ZodType>(
  schema: S,
  value: unknown,
  part: 'query' | 'body',
  texts: Language,
): z.output<S> {
  const result = schema.safeParse(value, { error: (issue) => issueText(texts, issue) });
  if (result.success) return result.data;
  throw new InvalidRequest(result.error.issues.flatMap((issue) => fieldErrors(issue, part, texts)));
}

function fieldErrors(issue: z.core.$ZodIssue, part: string, texts: Language): FieldError[] {
  const field = issue.path.map(String).join('.');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ field: field ? `${field}.${key}` : key, message: texts.fields.unknown }));
  }
  // A refinement of the contracts has an English sentence and our key.
  const key = issue.code === 'custom' ? ownCode(issue) : null;
  return [{ field: field || part, message: findSentence(texts.fields, key) ?? issue.message }];
}
