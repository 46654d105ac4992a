import { sample } from '@recado/testkit/sample';
import { expect, it } from 'vitest';
import { editions } from '../src/editions/index.ts';

it('sample() finds a value for every body, query and path of every edition, with and without optional keys', () => {
  const schemas = Object.values(editions)
    .flatMap(({ routes }) => routes)
    .flatMap(({ body, query, params }) => [body, query, params].filter((one) => one !== undefined));
  expect(schemas.length).toBeGreaterThan(50);
  for (const schema of schemas) {
    expect(schema.safeParse(sample(schema)).success).toBe(true);
    expect(schema.safeParse(sample(schema, { full: true })).success).toBe(true);
  }
});
