import { expect, test } from 'vitest';
import { z } from 'zod';
import { arrayFields, fieldErrors } from './validate.ts';

test('list fields are found through optional, default and transforms, but not behind a preprocess', () => {
  const schema = z.strictObject({
    plain: z.array(z.string()),
    optional: z.array(z.string()).optional(),
    fallback: z.array(z.string()).default([]),
    piped: z.array(z.string()).transform((list) => list.length),
    split: z.preprocess((v) => String(v).split(','), z.array(z.string())),
    text: z.string().nullable(),
  });
  expect(arrayFields(schema)).toEqual(['plain', 'optional', 'fallback', 'piped']);
  expect(arrayFields(undefined)).toEqual([]);
});

test('a union reports the errors of the nearest branch', () => {
  const schema = z.strictObject({
    content: z.union([
      z.strictObject({ text: z.strictObject({ body: z.string() }) }),
      z.strictObject({ media: z.strictObject({ url: z.string(), size: z.number() }) }),
    ]),
  });
  const input = { content: { media: { url: 1, size: 2 } } };
  expect(fieldErrors(schema.safeParse(input).error!, input).map((e) => e.field)).toEqual(['content.media.url']);
  const wrong = { content: 5 };
  expect(fieldErrors(schema.safeParse(wrong).error!, wrong)).toEqual([
    { field: 'content', message: 'Invalid input', code: 'invalid_union' },
  ]);
});

test('issues carry codes and bounds, so that editions can word them', () => {
  const schema = z.strictObject({ name: z.string().max(3), kind: z.enum(['a', 'b']) });
  const input = { name: 'long', kind: 'c' };
  expect(fieldErrors(schema.safeParse(input).error!, input)).toMatchObject([
    { field: 'name', code: 'too_big', params: { maximum: 3 } },
    { field: 'kind', code: 'invalid_value', params: { values: ['a', 'b'] } },
  ]);
});
