import { createHash } from 'node:crypto';
import type { RouteContract } from '@recado/contracts';

type ZodType = NonNullable<RouteContract['body']>;

export interface SampleOptions {
  /** A value of one's own for a key; undefined leaves it to the sampler. */
  hint?: (key: string, path: readonly string[]) => unknown;
  /** The value of a whole schema; undefined leaves it to the sampler. */
  known?: (schema: ZodType) => unknown;
  /** Optional keys too. Default: only what must be there. */
  full?: boolean;
  /** Makes texts that must not meet twice (e-mails, names). */
  unique?: () => string;
}

/** What zod keeps of a schema, as far as it is read here. */
interface Def {
  type: string;
  shape?: Record<string, ZodType>;
  element?: ZodType;
  innerType?: ZodType;
  options?: ZodType[];
  entries?: Record<string, string | number>;
  values?: unknown[];
  in?: ZodType;
  out?: ZodType;
  keyType?: ZodType;
  valueType?: ZodType;
  items?: ZodType[];
  left?: ZodType;
  right?: ZodType;
  getter?: () => ZodType;
}

export const defOf = (schema: ZodType): Def => (schema as unknown as { _zod: { def: Def } })._zod.def;

/** The same for the same text, so that a run can be repeated. */
function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** Texts that formats and patterns of ours take; the first that fits is used. */
const texts = (unique: string): string[] => [
  `Muestra ${unique}`,
  `muestra-${unique}`,
  `muestra.${unique}@example.com`,
  uuidOf(unique),
  '+573001234567',
  '123456',
  '09:00',
  '2030-01-15T10:00:00.000Z',
  '2030-01-15',
  'https://example.com/muestra',
  'America/Lima',
  'Clave-de-muestra-7',
  '#3366ff',
  'es',
  'a',
  'A1',
  '1',
  '192.0.2.1',
  'QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=',
  'x'.repeat(64),
];
const NUMBERS = [1, 5, 10, 60, 100, 0, 1000, 0.5, 30, 8080, -1];

let counter = 0;
const count = () => `${process.pid}${++counter}`;

/**
 * A value the schema takes, as it would be sent. Deterministic but for ids and unique texts.
 * @throws when no value is known for some part, naming it: give a hint, or teach the sampler
 */
export function sample(schema: ZodType, options: SampleOptions = {}): unknown {
  const made = build(schema, options, []);
  if (schema.safeParse(made).success) return made;
  // Some demand one of several optional keys.
  const whole = build(schema, { ...options, full: true }, []);
  const result = schema.safeParse(whole);
  if (result.success) return whole;
  // Others take exactly one of several.
  const fitted = build(schema, { ...options, full: true, fit: true }, []);
  if (schema.safeParse(fitted).success) return fitted;
  throw new Error(`No sample: ${result.error.issues.map((i) => `${i.path.join('.')}: ${i.message}`).join('; ')}`);
}

/** `fit`: objects leave out optional keys that another excludes. */
type BuildOptions = SampleOptions & { fit?: true };

function build(schema: ZodType, options: BuildOptions, path: readonly string[]): unknown {
  const key = path.at(-1);
  if (key !== undefined) {
    const hinted = options.hint?.(key, path);
    if (hinted !== undefined && schema.safeParse(hinted).success) return hinted;
  }
  const known = options.known?.(schema);
  if (known !== undefined) return known;
  const def = defOf(schema);
  switch (def.type) {
    case 'object':
      return options.fit ? fitObject(buildObject(def, options, path), schema) : buildObject(def, options, path);
    case 'array': {
      // Not an empty one: in a query that would be no key at all.
      const one = [build(def.element!, options, [...path, '0'])];
      return schema.safeParse(one).success ? one : [];
    }
    case 'tuple':
      return def.items!.map((item, i) => build(item, options, [...path, String(i)]));
    case 'record': {
      const name = build(def.keyType!, options, [...path, 'key']);
      return schema.safeParse({}).success && !options.full
        ? {}
        : { [String(name)]: build(def.valueType!, options, [...path, String(name)]) };
    }
    case 'nullable': {
      const made = build(def.innerType!, options, path);
      return schema.safeParse(made).success || !schema.safeParse(null).success ? made : null;
    }
    case 'optional':
    case 'default':
    case 'prefault':
    case 'readonly':
    case 'catch':
    case 'nonoptional':
      return build(def.innerType!, options, path);
    case 'union':
      return firstOf(
        def.options!.map((option) => () => build(option, options, path)),
        schema,
        path,
      );
    case 'intersection':
      return {
        ...(build(def.left!, options, path) as object),
        ...(build(def.right!, options, path) as object),
      };
    case 'pipe':
      // `z.preprocess` transforms first and checks then; `.transform()` the other way round.
      return firstOf(
        [
          () => build(defOf(def.in!).type === 'transform' ? def.out! : def.in!, options, path),
          ...['true', ...texts((options.unique ?? count)()), ...NUMBERS].map((value) => () => value),
        ],
        schema,
        path,
      );
    case 'lazy':
      return build(def.getter!(), options, path);
    case 'enum':
      return Object.values(def.entries!)[0];
    case 'literal':
      return def.values![0];
    case 'boolean':
      return true;
    case 'null':
      return null;
    case 'unknown':
    case 'any':
      return 'algo';
    case 'string':
    case 'template_literal':
      return firstOf(
        // An end comes after its start.
        [...(key === 'end' ? ['18:00'] : []), ...texts((options.unique ?? count)())].map((text) => () => text),
        schema,
        path,
      );
    case 'number':
    case 'int':
      return firstOf(
        NUMBERS.map((n) => () => n),
        schema,
        path,
      );
    default:
      throw new Error(`No sample of ${def.type} at ${path.join('.')}`);
  }
}

function buildObject({ shape = {} }: Def, options: BuildOptions, path: readonly string[]): Record<string, unknown> {
  const made: Record<string, unknown> = {};
  for (const [key, field] of Object.entries(shape)) {
    const at = [...path, key];
    const hinted = options.hint?.(key, at);
    const wanted = options.full || hinted !== undefined || !field.safeParse(undefined).success;
    if (wanted) made[key] = build(field, options, at);
  }
  return made;
}

function fitObject(made: Record<string, unknown>, schema: ZodType): Record<string, unknown> {
  if (schema.safeParse(made).success) return made;
  const keys = Object.keys(made);
  const without = (...left: string[]) =>
    Object.fromEntries(Object.entries(made).filter(([key]) => !left.includes(key)));
  const fits = (rest: object) => schema.safeParse(rest).success;
  // Of two that exclude each other one is left out, of three two.
  const one = keys.map((key) => without(key)).find(fits);
  return one ?? keys.flatMap((key, i) => keys.slice(i + 1).map((other) => without(key, other))).find(fits) ?? made;
}

function firstOf(makers: readonly (() => unknown)[], schema: ZodType, path: readonly string[]): unknown {
  for (const make of makers) {
    const value = make();
    if (schema.safeParse(value).success) return value;
  }
  throw new Error(`No sample fits at ${path.join('.') || 'the top'}`);
}
