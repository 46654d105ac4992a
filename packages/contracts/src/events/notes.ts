import { z } from 'zod';
import { defineEvent } from '../event.ts';
import { uuid } from '../primitives.ts';

/** One for each user. The words of notes are in no event. */
export const noteMentioned = defineEvent(
  'conversation.note.mentioned',
  1,
  z.object({
    noteId: uuid(),
    conversationId: uuid(),
    userId: uuid().describe('Who is named in it'),
    byUserId: uuid().nullable().describe('Null for an API key'),
    contactName: z.string().nullable(),
  }),
  'A note of a conversation names a user, who did not write it',
);
