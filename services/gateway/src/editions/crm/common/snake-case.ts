import { z } from 'zod';

/** `sourceUrl` → `source_url`. */
type SnakeCase<S extends string> = S extends `${infer Head}${infer Tail}`
  ? `${Head extends Lowercase<Head> ? Head : `_${Lowercase<Head>}`}${SnakeCase<Tail>}`
  : S;

/** An object with this edition's spelling of its keys, at any depth. Records of free keys stay. */
export type SnakeKeys<T> = T extends readonly (infer Item)[]
  ? SnakeKeys<Item>[]
  : T extends object
    ? string extends keyof T
      ? T
      : { [K in keyof T as SnakeCase<K & string>]: SnakeKeys<T[K]> }
    : T;

type Shape = Record<string, z.ZodOptional>;

/** A shape of optional parts in this edition's spelling. */
export type SnakeShape<S extends Shape> = {
  [K in keyof S as SnakeCase<K & string>]: z.ZodOptional<z.ZodType<SnakeKeys<NonNullable<z.output<S[K]>>>>>;
};

export const snakeCase = (key: string): string => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** The schemas of `snakeKeys`: the same parts and types, with the keys spelled this way. */
export const snakeShape = <S extends Shape>(shape: S): SnakeShape<S> =>
  Object.fromEntries(
    Object.entries(shape).map(([key, schema]) => [snakeCase(key), snakeSchema(schema)]),
  ) as SnakeShape<S>;

function snakeSchema(schema: z.core.$ZodType): z.core.$ZodType {
  if (schema instanceof z.ZodObject) {
    const shape = schema.shape as Record<string, z.core.$ZodType>;
    return z.object(Object.fromEntries(Object.entries(shape).map(([key, one]) => [snakeCase(key), snakeSchema(one)])));
  }
  if (schema instanceof z.ZodOptional) return z.optional(snakeSchema(schema.unwrap()));
  if (schema instanceof z.ZodUnion) return z.union(schema.options.map(snakeSchema));
  if (schema instanceof z.ZodArray) return z.array(snakeSchema(schema.element));
  return schema;
}

/**
 * A value with its keys spelled this way.
 * @param free keys whose values have keys of others: they stay as they are
 */
export function snakeKeys<T>(value: T, free: ReadonlySet<string>): SnakeKeys<T> {
  if (Array.isArray(value)) return value.map((one: unknown) => snakeKeys(one, free)) as SnakeKeys<T>;
  if (typeof value !== 'object' || value === null) return value as SnakeKeys<T>;
  const spelled: Record<string, unknown> = {};
  for (const [key, inner] of Object.entries(value)) {
    spelled[snakeCase(key)] = free.has(key) ? inner : snakeKeys(inner, free);
  }
  return spelled as SnakeKeys<T>;
}
