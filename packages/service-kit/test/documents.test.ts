import { errorBody, type RouteContract, route, uuid } from '@recado/contracts';
import fastify from 'fastify';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { type Described, type DocumentOptions, documentOf, useDocument } from '../src/http/documents.ts';

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

interface Shown {
  method: string;
  path: string;
  described: Described;
}

async function documentFor(
  prefix: string,
  routes: Shown[] = [listChats, createChat].map((contract: RouteContract) => ({
    method: contract.method,
    path: contract.path,
    described: { ...contract, security: contract.auth === 'none' ? [] : undefined },
  })),
  options: Partial<DocumentOptions> = {},
) {
  const app = fastify();
  await useDocument(app, { title: 'Inbox', version: '2', ...options });
  for (const { method, path, described } of routes)
    app.route({ method, url: prefix + path, config: { described }, handler: async () => null });
  app.get('/hidden', async () => null);
  await app.ready();
  return documentOf(app);
}

test('routes become operations with parameters, bodies, answers and the error body', async () => {
  const document = await documentFor('/api/v1');
  expect(Object.keys(document.paths)).toEqual(['/api/v1/chats/{id}/messages', '/api/v1/chats']);
  const get = document.paths['/api/v1/chats/{id}/messages']!.get as Record<string, unknown>;
  expect(get).toMatchObject({
    operationId: 'getApiV1ChatsByIdMessages',
    tags: ['chats'],
    security: [{ internal: [] }],
    parameters: [
      { name: 'limit', in: 'query', description: 'Rows', schema: { type: 'integer', maximum: 100, default: 20 } },
      { name: 'status', in: 'query', required: true, schema: { type: 'string', enum: ['a', 'b'] } },
      { name: 'id', in: 'path', required: true, schema: { type: 'string', format: 'uuid' } },
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

test('every reference leads somewhere, and components carry no leftovers of the generator', async () => {
  const document = await documentFor('', undefined, { errorSchema: errorBody });
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
  expect(await documentFor('', undefined, { errorSchema: errorBody })).toEqual(document);
});

test('an edition has its own schemes, errors, headers and content types', async () => {
  const described: Described = {
    summary: 'Chats',
    tags: ['Chats'],
    security: [{ bearer: [] }, { apiKey: [] }],
    headers: { properties: { 'X-Tenant-Slug': { type: 'string' } }, required: ['X-Tenant-Slug'] },
    body: z.object({ name: z.string() }).optional(),
    responses: { 200: z.string() },
    contentType: 'text/csv; charset=utf-8',
  };
  const document = await documentFor('', [{ method: 'POST', path: '/chats', described }], {
    securitySchemes: {
      bearer: { type: 'http', scheme: 'bearer' },
      apiKey: { type: 'apiKey', in: 'header', name: 'x-api-key' },
    },
    errorSchema: z.object({ message: z.string() }).meta({ id: 'CrmError' }),
  });
  expect(document.paths['/chats']!.post).toMatchObject({
    operationId: 'postChats',
    tags: ['Chats'],
    security: [{ bearer: [] }, { apiKey: [] }],
    parameters: [{ name: 'X-Tenant-Slug', in: 'header', required: true }],
    requestBody: { required: false },
    responses: { 200: { content: { 'text/csv': { schema: { type: 'string' } } } }, default: { description: 'Error' } },
  });
  expect(document.components.schemas).toHaveProperty('CrmError');
});
