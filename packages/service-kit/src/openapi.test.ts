import { errorBody, route, uuid } from '@recado/contracts';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { buildOpenApi } from './openapi.ts';

const tag = z.object({ name: z.string() }).meta({ id: 'Tag' });
const chat = z.object({ id: uuid(), tags: z.array(tag), note: z.string().default('') }).meta({ id: 'Chat' });
const listChats = route({
  method: 'GET',
  path: '/chats/:id/messages',
  params: z.strictObject({ id: uuid().describe('Chat') }),
  query: z.strictObject({
    limit: z.coerce.number().int().max(100).default(20).describe('Rows'),
    status: z.enum(['a', 'b']),
  }),
  responses: { 200: z.object({ items: z.array(chat) }) },
  summary: 'Messages of a chat',
});
const createChat = route({
  method: 'POST',
  path: '/chats',
  body: chat,
  responses: { 201: chat, 204: z.null() },
  summary: 'Open a chat',
  auth: 'none',
});

const at = (prefix: string) =>
  [listChats, createChat].map((contract) => ({ method: contract.method, path: `${prefix}${contract.path}`, contract }));

test('routes become operations with parameters, bodies, answers and the error body', () => {
  const document = buildOpenApi({
    title: 'Inbox',
    version: '2',
    routes: at('/api/v1'),
    servers: [{ url: 'http://localhost:3000' }],
  });
  const get = document.paths['/api/v1/chats/{id}/messages']!.get as Record<string, unknown>;
  expect(get).toMatchObject({
    operationId: 'getApiV1ChatsByIdMessages',
    tags: ['chats'],
    security: [{ internal: [] }],
    parameters: [
      { name: 'id', in: 'path', required: true, schema: { type: 'string', format: 'uuid' } },
      { name: 'limit', in: 'query', description: 'Rows', schema: { type: 'integer', maximum: 100, default: 20 } },
      { name: 'status', in: 'query', required: true, schema: { type: 'string', enum: ['a', 'b'] } },
    ],
  });
  expect(Object.keys(get.responses as object)).toEqual(['200', 'default']);
  const post = document.paths['/api/v1/chats']!.post as Record<string, never>;
  expect(post).toMatchObject({
    security: [],
    requestBody: {
      required: true,
      content: { 'application/json': { schema: { $ref: expect.stringMatching(/Chat(Input)?$/) } } },
    },
    responses: {
      204: { description: 'No content' },
      default: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } } },
    },
  });
});

test('every reference leads somewhere, and components carry no leftovers of the generator', () => {
  const document = buildOpenApi({ title: 'x', version: '1', routes: at(''), errorSchema: errorBody });
  const text = JSON.stringify(document);
  const refs = [...text.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name!);
  expect(refs.length).toBeGreaterThan(3);
  for (const name of refs) expect(document.components.schemas).toHaveProperty(name);
  expect(text).not.toMatch(/\$defs|\$schema|"id":"(?:Chat|Tag|Error)"/);
  expect(document.components.schemas.Tag).toEqual({
    type: 'object',
    properties: { name: { type: 'string' } },
    required: ['name'],
  });
  // The default makes `note` optional going in and certain coming out: the schema stands twice.
  expect(document.components.schemas.Chat!.required).toEqual(['id', 'tags', 'note']);
  expect(document.components.schemas.ChatInput!.required).toEqual(['id', 'tags']);
  expect(buildOpenApi({ title: 'x', version: '1', routes: at(''), errorSchema: errorBody })).toEqual(document);
});

test('an edition has its own schemes, errors and names', () => {
  const document = buildOpenApi({
    title: 'CRM',
    version: '1',
    routes: [
      {
        method: 'GET',
        path: '/chats',
        contract: { ...createChat, auth: 'required', operationId: 'listChats', tags: ['Chats'] },
      },
    ],
    securitySchemes: {
      bearer: { type: 'http', scheme: 'bearer' },
      apiKey: { type: 'apiKey', in: 'header', name: 'x-api-key' },
    },
    security: [{ bearer: [] }, { apiKey: [] }],
    errorSchema: z.object({ message: z.string() }).meta({ id: 'CrmError' }),
  });
  expect(document.paths['/chats']!.get).toMatchObject({
    operationId: 'listChats',
    tags: ['Chats'],
    security: [{ bearer: [] }, { apiKey: [] }],
  });
  expect(document.components.schemas).toHaveProperty('CrmError');
});
