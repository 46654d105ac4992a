import { FIELD_CODES, type FieldCode, type FieldError, type RouteContract } from '@recado/contracts';
import type { FastifySchemaCompiler, FastifyServerOptions } from 'fastify';
import { z } from 'zod';
import { ValidationFailed } from './errors.ts';
import { refuseUnstorable } from './json.ts';

type Issue = z.core.$ZodIssue;

/**
 * Every bad field of a failed parse, by its dotted name (`items.0.name`). A missing one has the
 * code `required`; an unknown key is named itself; of a union the branch that came nearest speaks.
 * @param whole the name for the value as a whole, when it is bad itself
 */
export function fieldErrors(error: z.ZodError, input: unknown, whole = 'body'): FieldError[] {
  return error.issues.flatMap((issue) => toFieldErrors(issue, input, [], whole));
}

function toFieldErrors(issue: Issue, input: unknown, parent: PropertyKey[], whole: string): FieldError[] {
  const path = [...parent, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ field: name([...path, key], whole), message: 'Unknown field', code: 'unknown' }));
  }
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const nearest = issue.errors.reduce((a, b) => (deepest(b) > deepest(a) ? b : a));
    if (nearest.length > 0 && deepest(nearest) > 0) return nearest.flatMap((i) => toFieldErrors(i, input, path, whole));
  }
  if (issue.code === 'invalid_type' && at(input, path) === undefined) {
    return [{ field: name(path, whole), message: 'Required', code: 'required' }];
  }
  if (issue.code === 'custom') {
    const own = ownCode(issue);
    if (own) return [{ field: name(path, whole), message: issue.message, code: own }];
  }
  const { code, message, path: _path, input: _input, ...params } = issue as Issue & Record<string, unknown>;
  const out: FieldError = { field: name(path, whole), message, code };
  const plain = Object.entries(params).filter(
    ([, v]) => ['string', 'number', 'boolean'].includes(typeof v) || Array.isArray(v),
  );
  if (plain.length > 0 && issue.code !== 'invalid_union') out.params = Object.fromEntries(plain);
  return [out];
}

/** The code that a schema's `refine` or string format gives an issue. */
export function ownCode(issue: Issue): FieldCode | null {
  const given = issue.code === 'custom' ? issue.params?.code : issue.code === 'invalid_format' ? issue.format : null;
  return typeof given === 'string' && Object.hasOwn(FIELD_CODES, given) ? (given as FieldCode) : null;
}

function deepest(issues: readonly Issue[]): number {
  return Math.max(0, ...issues.map((issue) => issue.path.length));
}

function name(path: PropertyKey[], whole: string): string {
  return path.length > 0 ? path.map(String).join('.') : whole;
}

function at(input: unknown, path: PropertyKey[]): unknown {
  let value = input;
  for (const key of path) {
    if (value === null || typeof value !== 'object') return undefined;
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return value;
}

interface Def {
  type: string;
  innerType?: { _zod: { def: Def } };
  in?: { _zod: { def: Def } };
}

// What the schema takes as it comes in: `z.preprocess` is a pipe whose `in` is a transform, so it
// sees the text as sent.
function takesArray(def: Def): boolean {
  if (def.innerType) return takesArray(def.innerType._zod.def);
  if (def.type === 'pipe' && def.in) return takesArray(def.in._zod.def);
  return def.type === 'array';
}

/**
 * The names of an object schema's array fields: a query gives a single value as plain text, which
 * is wrapped for them.
 */
export function arrayFields(schema: z.ZodType | undefined): string[] {
  const shape = (schema as Partial<z.ZodObject> | undefined)?.shape;
  if (!shape) return [];
  return Object.keys(shape).filter((key) => takesArray((shape[key] as unknown as { _zod: { def: Def } })._zod.def));
}

export type Part = 'params' | 'querystring' | 'body';
type Schemas = Pick<RouteContract, 'params' | 'query' | 'body'> & { method: string };

/** A route without a body takes none, or the `{}` that many clients send with every POST. */
const noBody = z.strictObject({}).optional();

/** A route's schemas as Fastify takes them: it allows no body for a GET. */
export const schemaOf = ({ method, params, query, body = noBody }: Schemas): Partial<Record<Part, z.ZodType>> => ({
  ...(params ? { params } : {}),
  ...(query ? { querystring: query } : {}),
  ...(method === 'GET' ? {} : { body }),
});

/** Fastify's validator compiler for zod, by a function that makes the parser of one part. */
export const compilerOf =
  (parserOf: (schema: z.ZodType, part: Part) => (input: unknown) => unknown): FastifySchemaCompiler<unknown> =>
  ({ schema, httpPart }) => {
    const parse = parserOf(schema as z.ZodType, httpPart as Part);
    return (given: unknown) => {
      try {
        // Fastify gives null where there is no body.
        return { value: parse(given ?? undefined) };
      } catch (error) {
        return { error: error as Error };
      }
    };
  };

const NAMES = { params: 'params', querystring: 'query', body: 'body' };

/**
 * Refuses a part of a request with all its bad fields. In a query a single value becomes a list
 * where the schema has one.
 */
export const compileValidator = compilerOf((schema, part) => {
  const arrays = part === 'querystring' ? arrayFields(schema) : [];
  return (given) => {
    if (part !== 'body') refuseUnstorable(given);
    const input = arrays.length > 0 ? withLists(given as Record<string, unknown>, arrays) : given;
    const result = schema.safeParse(input);
    if (result.success) return result.data;
    throw new ValidationFailed(fieldErrors(result.error, input, NAMES[part]));
  };
});

/** Instead of Fastify's own, which load ajv and fast-json-stringify: 2 MB in each process. */
export const zodCompilers: FastifyServerOptions['schemaController'] = {
  compilersFactory: {
    // The types know only Fastify's own.
    buildValidator: () => compileValidator as never,
    // No route has a schema of its answers.
    buildSerializer: () => () => JSON.stringify,
  },
};

function withLists(given: Record<string, unknown>, arrays: string[]): Record<string, unknown> {
  const single = arrays.filter((key) => typeof given[key] === 'string');
  return single.length === 0 ? given : { ...given, ...Object.fromEntries(single.map((key) => [key, [given[key]]])) };
}
