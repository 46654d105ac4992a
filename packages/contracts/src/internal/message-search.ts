import { z } from 'zod';
import { cursor, isoTime, text, uuid } from '../primitives.ts';
import { route } from '../route.ts';
import { conversation, message } from './conversation-records.ts';

export const messageSnippet = z
  .object({
    text: z.string().describe('The part of the message around what was found'),
    marks: z
      .array(z.object({ start: z.number().int(), end: z.number().int() }))
      .describe('What was found in it: UTF-16 units from and up to'),
  })
  .meta({ id: 'MessageSnippet' });
export type MessageSnippet = z.infer<typeof messageSnippet>;

export const foundMessage = z.object({ message, conversation, snippet: messageSnippet });
export type FoundMessage = z.infer<typeof foundMessage>;

export const messageSearchRoutes = {
  searchMessages: route({
    method: 'GET',
    path: '/messages-search',
    access: 'messages.read',
    // A search ends by itself before that, with what it has.
    deadlineMs: 10_000,
    query: z.strictObject({
      query: text(200).describe('`hola`, `reserv*`, `"buenos días"`: a message must hold all of it'),
      conversationId: uuid().optional(),
      userId: uuid().optional().describe('Written by this user, or in a conversation that they have'),
      direction: z.enum(['inbound', 'outbound']).optional(),
      from: isoTime().optional().describe("Of the message's time, inclusive"),
      to: isoTime().optional().describe('Inclusive'),
      sort: z.enum(['time', 'relevance']).default('time').describe('relevance: the best of the 500 latest'),
      limit: z.coerce.number().int().min(1).max(100).default(50),
      cursor: cursor(),
    }),
    responses: {
      200: z.object({
        items: z.array(foundMessage),
        nextCursor: z.string().nullable(),
        isComplete: z
          .boolean()
          .describe(
            'false: time ran out, and `nextCursor` continues (by time); or older messages are still being read in',
          ),
      }),
    },
    summary: 'Messages by their words, without regard to accents and case, the latest first (messages.read)',
  }),
};
