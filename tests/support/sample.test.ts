import {
  aiResponderApi,
  analyticsApi,
  connectorApi,
  conversationApi,
  identityApi,
  type RouteContract,
  schedulerApi,
} from '@recado/contracts';
import { sample } from '@recado/testkit/sample';
import { expect, it } from 'vitest';
import { z } from 'zod';

const apis: Record<string, RouteContract>[] = [
  aiResponderApi,
  analyticsApi,
  connectorApi,
  conversationApi,
  identityApi,
  schedulerApi,
];

it('finds a value for every body, query and path of every internal contract, with and without optional keys', () => {
  const schemas = apis
    .flatMap((api) => Object.values(api))
    .flatMap(({ body, query, params }) => [body, query, params].filter((one) => one !== undefined));
  expect(schemas.length).toBeGreaterThan(50);
  for (const schema of schemas) {
    expect(schema.safeParse(sample(schema)).success).toBe(true);
    expect(schema.safeParse(sample(schema, { full: true })).success).toBe(true);
  }
});

it('takes hints where they fit and leaves optional keys out', () => {
  const schema = z.strictObject({ chat_id: z.uuid(), note: z.string().optional(), size: z.number().min(3) });
  const id = '0190a0a0-0000-7000-8000-00000000000a';
  expect(sample(schema, { hint: (key) => (key === 'chat_id' ? id : undefined) })).toEqual({ chat_id: id, size: 5 });
  expect(Object.keys(sample(schema, { full: true }) as object)).toEqual(['chat_id', 'note', 'size']);
});
