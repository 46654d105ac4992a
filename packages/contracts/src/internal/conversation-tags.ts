import { z } from 'zod';
import { isoTime, text, totalIsCapped, uuid, walked, walkQuery } from '../primitives.ts';
import { route } from '../route.ts';
import { tag } from './conversation-records.ts';
import { tagName } from './tag-name.ts';

const params = z.strictObject({ conversationId: uuid() });

/** What one conversation may have. */
export const MAX_TAGS = 50;

export const note = z
  .object({
    id: uuid(),
    conversationId: uuid(),
    userId: uuid().nullable().describe('Null for an API key'),
    content: z.string(),
    mentions: z.array(uuid()).describe('Users'),
    createdAt: isoTime(),
  })
  .meta({ id: 'Note' });
export type Note = z.infer<typeof note>;

/** Tags are the tenant's: two conversations with the same name have the same tag. */
export const tagRoutes = {
  listTags: route({
    method: 'GET',
    path: '/tags',
    access: 'chats.read',
    query: z.strictObject({ search: z.string().trim().max(120).optional().describe('In the name'), ...walkQuery }),
    responses: { 200: walked(tag) },
    summary: "The tenant's tags, the last made first (chats.read)",
  }),
  addTag: route({
    method: 'POST',
    path: '/conversations/:conversationId/tags',
    access: 'chats.update',
    once: { none: 'A tag is there once' },
    params,
    body: z.strictObject({ name: tagName }),
    responses: { 200: z.object({ tags: z.array(tag) }) },
    audit: 'conversation.tag',
    summary: `Tag a conversation by name (chats.update). A new name makes a new tag. Beyond ${MAX_TAGS} tags: 422`,
  }),
  removeTag: route({
    method: 'DELETE',
    path: '/conversations/:conversationId/tags/:name',
    access: 'chats.update',
    params: params.extend({ name: text(60) }),
    responses: { 200: z.object({ tags: z.array(tag) }) },
    audit: 'conversation.untag',
    summary: 'Take a tag off a conversation (chats.update)',
  }),
};

/** What people write to each other about a conversation; customers never see it. */
export const noteRoutes = {
  addNote: route({
    method: 'POST',
    path: '/conversations/:conversationId/notes',
    access: 'chats.update',
    once: true,
    params,
    body: z.strictObject({
      content: text(4000),
      mentions: z.array(uuid()).max(20).default([]).describe('Users of the tenant'),
    }),
    responses: { 201: note },
    audit: 'conversation.note',
    summary: 'Write an internal note (chats.update)',
  }),
  listMentions: route({
    method: 'GET',
    path: '/conversation-mentions',
    access: 'chats.read',
    query: z.strictObject(walkQuery),
    responses: { 200: walked(note).extend({ totalIsCapped: totalIsCapped('up to 10,000') }) },
    summary: 'The notes that name the caller, the last written first (chats.read)',
  }),
  listNotes: route({
    method: 'GET',
    path: '/conversations/:conversationId/notes',
    access: 'chats.read',
    params,
    query: z.strictObject(walkQuery),
    responses: { 200: walked(note) },
    summary: 'The notes of a conversation, the last written first (chats.read)',
  }),
};
