import { defineEvent } from '@recado/contracts';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { buildAsyncApi } from './asyncapi.ts';

const made = defineEvent('conversation.note.made', 1, z.object({ body: z.string().max(5) }), 'A note was made');
const madeAgain = defineEvent('conversation.note.made', 2, z.object({ text: z.string() }), 'A note was made');

test('every event has a channel with its tenant, an operation and a message: an envelope or several', () => {
  const document = buildAsyncApi([madeAgain, made]);
  expect(document.asyncapi).toBe('3.0.0');
  expect(Object.keys(document.channels)).toEqual(['conversation.note.made.v1', 'conversation.note.made.v2']);
  expect(document.channels['conversation.note.made.v1']).toMatchObject({
    address: 'recado.conversation.{tenantId}.note.made',
    parameters: { tenantId: {} },
    'x-nats-stream': 'RECADO_CONVERSATION',
  });
  expect(document.channels['conversation.note.made.v2']).toMatchObject({
    address: 'recado.conversation.{tenantId}.note.made.v2',
  });
  expect(document.components.messages['conversation.note.made.v1']).toMatchObject({
    name: 'recado.conversation.note.made.v1',
    payload: {
      oneOf: [
        { $ref: '#/components/schemas/conversation.note.made.v1' },
        { type: 'array', maxItems: 64, items: { $ref: '#/components/schemas/conversation.note.made.v1' } },
      ],
    },
  });
  expect(document.components.schemas['conversation.note.made.v1']).toMatchObject({
    type: 'object',
    properties: {
      type: { const: 'recado.conversation.note.made.v1' },
      source: { const: '/recado/conversation' },
      data: { type: 'object', properties: { body: { type: 'string', maxLength: 5 } }, required: ['body'] },
    },
  });
});

test('every reference leads somewhere', () => {
  const document = buildAsyncApi([made, madeAgain]) as unknown;
  const references = JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g);
  let count = 0;
  for (const [, path] of references) {
    let found = document;
    for (const key of path!.split('/')) found = (found as Record<string, unknown>)[key];
    expect(found, path).toBeDefined();
    count++;
  }
  expect(count).toBeGreaterThan(4);
});

test('the order of the list changes nothing', () => {
  expect(buildAsyncApi([made, madeAgain])).toEqual(buildAsyncApi([madeAgain, made]));
});
