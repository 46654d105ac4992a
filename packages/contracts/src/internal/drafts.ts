import { z } from 'zod';
import { isoTime, uuid, walked, walkQuery } from '../primitives.ts';
import { route } from '../route.ts';

/** Drafts of one user; a new one beyond them takes the place of the oldest. */
export const MAX_DRAFTS = 500;
/** After this many days without a change a draft is dropped. */
export const DRAFT_DAYS = 90;

export const draft = z
  .object({
    conversationId: uuid(),
    text: z.string(),
    fileId: uuid().nullable(),
    replyTo: uuid().nullable().describe('Our id of the message that it would answer'),
    version: z.number().int().describe('Grows with each write; 0: there is no draft'),
    updatedAt: isoTime().nullable(),
  })
  .meta({ id: 'Draft' });
export type Draft = z.infer<typeof draft>;

const params = z.strictObject({ conversationId: uuid() });
const own = { none: "what is not sent yet is its writer's alone" };

/** What a user has written in a chat and not sent. It is seen by that user alone. */
export const draftRoutes = {
  listDrafts: route({
    method: 'GET',
    path: '/drafts',
    access: 'messages.create',
    query: z.strictObject(walkQuery),
    responses: { 200: walked(draft) },
    summary: `The caller's drafts, the last changed first (messages.create). At most ${MAX_DRAFTS}, each for ${DRAFT_DAYS} days`,
  }),
  getDraft: route({
    method: 'GET',
    path: '/conversations/:conversationId/draft',
    access: 'messages.create',
    params,
    responses: { 200: draft },
    summary: "The caller's draft of a conversation; without one an empty one of version 0 (messages.create)",
  }),
  saveDraft: route({
    method: 'PUT',
    path: '/conversations/:conversationId/draft',
    access: 'messages.create',
    params,
    body: z.strictObject({
      text: z.string().max(10_000).default(''),
      fileId: uuid().nullable().default(null),
      replyTo: uuid().nullable().default(null),
      version: z
        .number()
        .int()
        .min(0)
        .max(2_147_483_647)
        .optional()
        .describe('The one that the screen has; 0: none. Another one is there: 409. Not given, the last writer wins'),
    }),
    responses: { 200: draft },
    audit: own,
    summary: "Keep the caller's draft of a conversation (messages.create)",
  }),
  deleteDraft: route({
    method: 'DELETE',
    path: '/conversations/:conversationId/draft',
    access: 'messages.create',
    params,
    responses: { 204: z.null() },
    audit: own,
    summary: "Drop the caller's draft of a conversation, if there is one (messages.create)",
  }),
};
