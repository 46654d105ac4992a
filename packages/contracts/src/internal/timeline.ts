import { z } from 'zod';
import { cursor, isoTime, uuid } from '../primitives.ts';
import { route } from '../route.ts';

/** What the timeline of a contact keeps in rows of its own. */
export const CONTACT_EVENT_KINDS = [
  'chat.closed',
  'chat.reopened',
  'chat.assigned',
  'chat.queued',
  'chat.campaign',
  'contact.merged',
  'contact.opted_in',
  'contact.opted_out',
  'contact.blocked',
  'contact.unblocked',
  'contact.imported',
] as const;
export const contactEventKind = z.enum(CONTACT_EVENT_KINDS);
export type ContactEventKind = z.infer<typeof contactEventKind>;

/** All that a timeline tells. */
export const TIMELINE_KINDS = [
  'contact.created',
  'chat.opened',
  'chat.messages',
  'note',
  'task',
  'task.completed',
  ...CONTACT_EVENT_KINDS,
] as const;
export type TimelineKind = (typeof TIMELINE_KINDS)[number];

export const timelineEntry = z
  .object({
    kind: z.enum(TIMELINE_KINDS),
    at: isoTime(),
    id: uuid().describe('Of the chat, the note, the task, or the entry itself'),
    conversationId: uuid().nullable(),
    channelId: uuid().nullable(),
    userId: uuid().nullable().describe('Who did it; null when no user did'),
    text: z.string().nullable().describe('Of a note its words, of a task its title'),
    count: z.number().int().nullable().describe('Of the messages of a chat'),
    about: uuid().nullable().describe('The user, campaign or contact that it is about'),
  })
  .meta({ id: 'TimelineEntry' });
export type TimelineEntry = z.infer<typeof timelineEntry>;

export const timelineRoutes = {
  getTimeline: route({
    method: 'GET',
    path: '/contacts/:contactId/timeline',
    access: 'contacts.read',
    params: z.strictObject({ contactId: uuid() }),
    query: z.strictObject({
      kind: z.enum(TIMELINE_KINDS).optional(),
      from: isoTime().optional().describe('Inclusive'),
      to: isoTime().optional().describe('Inclusive'),
      limit: z.coerce.number().int().min(1).max(100).default(50),
      cursor: cursor(),
    }),
    responses: { 200: z.object({ items: z.array(timelineEntry), nextCursor: z.string().nullable() }) },
    summary:
      'What happened with a contact, in all channels, the latest first (contacts.read). Chats and notes take chats.read, tasks tasks.read',
  }),
};
