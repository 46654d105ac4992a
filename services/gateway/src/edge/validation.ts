import { FIELD_CODES, type FieldError, type MissingThing } from '@recado/contracts';
import { compilerOf, NotFound, ownCode, refuseUnstorable, ValidationFailed } from '@recado/service-kit';
import { z } from 'zod';
import { fillSentence, findSentence, issueText, type Language } from '../languages/language.ts';
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
        return (input) => parsePart(schema, input ?? emptyBody(schema, input), 'body', texts);
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
  const issues = [...result.error.issues, ...sharedIssues(schema, value, result.error, texts)];
  throw new InvalidRequest(issues.filter(isTightest).flatMap((issue) => fieldErrors(issue, part, texts)));
}

/** What stands for no body where every field may be left out. */
function emptyBody(schema: z.ZodType, input: unknown): unknown {
  return input === undefined && schema.safeParse({}).success ? {} : input;
}

/** Of several limits of one value, such as a safe integer's and a page's, the last one counts. */
function isTightest(issue: z.core.$ZodIssue, at: number, all: readonly z.core.$ZodIssue[]): boolean {
  if (issue.code !== 'too_big' && issue.code !== 'too_small') return true;
  const where = String(issue.path);
  return !all.slice(at + 1).some((later) => later.code === issue.code && String(later.path) === where);
}

/** Where the kind of a body is unknown: what is wrong with the fields that every kind has. */
function sharedIssues(schema: z.ZodType, value: unknown, error: z.ZodError, texts: Language): z.core.$ZodIssue[] {
  const unknownKind = error.issues.some(({ code, path }) => code === 'invalid_union' && path.length === 1);
  if (!unknownKind || !(schema instanceof z.ZodDiscriminatedUnion)) return [];
  const shapes = schema.options.map((option) => (option instanceof z.ZodObject ? option.shape : {}));
  const [first = {}, ...others] = shapes;
  const shared = Object.entries(first).filter(
    ([key, field]) => key !== schema.def.discriminator && others.every((shape) => isLike(shape[key], field)),
  );
  const given = z.object(Object.fromEntries(shared)).safeParse(value, { error: (issue) => issueText(texts, issue) });
  return given.error?.issues ?? [];
}

const isLike = (one: unknown, other: unknown): boolean =>
  one instanceof z.ZodType && other instanceof z.ZodType && one.def.type === other.def.type && !one.isOptional();

function fieldErrors(issue: z.core.$ZodIssue, part: string, texts: Language): FieldError[] {
  const field = issue.path.map(String).join('.');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ field: field ? `${field}.${key}` : key, message: texts.fields.unknown }));
  }
  // A refinement of the contracts has our key; a format has its English sentence alone.
  const key = issue.code === 'custom' ? ownCode(issue) : OWN_SENTENCES.get(issue.message);
  const found = findSentence(texts.fields, key);
  const { params } = issue as { params?: Record<string, unknown> };
  return [{ field: field || part, message: found ? fillSentence(found, params) : issue.message }];
}

/** The code of each sentence of the contracts. */
const OWN_SENTENCES = new Map<string, string>(Object.entries(FIELD_CODES).map(([code, sentence]) => [sentence, code]));
