import { FIELD_CODES, type FieldCode, type FieldError, type RouteContract } from '@recado/contracts';
import type { z } from 'zod';
import { ValidationFailed } from './errors.ts';
import { findUnstorable } from './json.ts';

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

export interface RawInput {
  params: unknown;
  query: unknown;
  body: unknown;
  /** As requested, escapes included. */
  url: string;
}

export interface ParsedInput {
  params: unknown;
  query: unknown;
  body: unknown;
}

/**
 * Compiles a contract into the one validation of its requests: a parse each for params, query and
 * body, and one refusal that names every bad field of all three.
 */
export function compileValidation(
  contract: Pick<RouteContract, 'params' | 'query' | 'body'>,
): (raw: RawInput) => ParsedInput {
  const arrays = arrayFields(contract.query);

  return (raw) => {
    const errors: FieldError[] = [];
    if (raw.url.includes('%00')) {
      findUnstorable(raw.params, '', errors);
      findUnstorable(raw.query, '', errors);
      if (errors.length > 0) throw new ValidationFailed(errors);
    }
    const parsed = {
      params: contract.params ? parse(contract.params, raw.params, 'params', errors) : undefined,
      query: parseQuery(contract.query, arrays, raw.query as Record<string, unknown>, errors),
      body: parseBody(contract.body, raw.body, errors),
    };
    if (errors.length > 0) throw new ValidationFailed(errors);
    return parsed;
  };
}

function parse(schema: z.ZodType, input: unknown, whole: string, errors: FieldError[]): unknown {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  errors.push(...fieldErrors(result.error, input, whole));
  return undefined;
}

function parseQuery(
  schema: z.ZodType | undefined,
  arrays: string[],
  given: Record<string, unknown>,
  errors: FieldError[],
): unknown {
  if (!schema) {
    refuseKeys(given, errors);
    return undefined;
  }
  let query = given;
  for (const key of arrays) {
    if (typeof query[key] === 'string') {
      if (query === given) query = { ...given };
      query[key] = [query[key]];
    }
  }
  return parse(schema, query, 'query', errors);
}

function parseBody(schema: z.ZodType | undefined, body: unknown, errors: FieldError[]): unknown {
  if (schema) return parse(schema, body, 'body', errors);
  if (body === undefined || body === null) return undefined;
  // Many clients send `{}` with every POST.
  if (typeof body === 'object' && !Array.isArray(body)) refuseKeys(body, errors);
  else errors.push({ field: 'body', message: 'No body is expected', code: 'unknown' });
  return undefined;
}

function refuseKeys(given: object, errors: FieldError[]): void {
  for (const key of Object.keys(given)) errors.push({ field: key, message: 'Unknown field', code: 'unknown' });
}
