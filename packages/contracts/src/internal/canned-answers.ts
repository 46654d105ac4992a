import { z } from 'zod';
import { withCode } from '../errors.ts';
import { characters, isoTime, oneOrMore, text, uuid, walked, walkQuery } from '../primitives.ts';
import { route } from '../route.ts';

/** What one tenant shares, and what one user has beside it. */
export const MAX_CANNED_SHARED = 1000;
export const MAX_CANNED_OWN = 200;
/** Characters of an answer, also with its values. */
export const MAX_CANNED_LENGTH = 4096;
/** Variables of one answer. */
export const MAX_CANNED_VARIABLES = 30;

export const CANNED_SCOPES = ['shared', 'own'] as const;
export const CANNED_MEDIA_KINDS = ['image', 'video', 'audio', 'document', 'sticker'] as const;

/** Types `/saludo` in the chat: a word without spaces. */
export const cannedShortcut = () => text(40).refine((value) => /^[\p{L}\p{N}_-]+$/u.test(value), withCode('shortcut'));

export const cannedMedia = z.strictObject({
  kind: z.enum(CANNED_MEDIA_KINDS),
  fileId: uuid().describe('An uploaded file of the tenant'),
  fileName: text(1000).optional().describe('Of a document'),
});
export type CannedMedia = z.infer<typeof cannedMedia>;

/** Values by the names of variables; of `{{ask:Fecha}}` the name is `Fecha`. */
export const cannedValues = z
  .record(z.string().min(1).max(80), z.string().max(1000))
  .refine((values) => Object.keys(values).length <= MAX_CANNED_VARIABLES, withCode('canned_values'));

/** An answer instead of content, where a message is written. */
export const cannedUse = z.strictObject({
  answerId: uuid(),
  values: cannedValues.default({}),
  replyTo: uuid().optional().describe('Our id of the message that this one answers'),
});
export type CannedUse = z.infer<typeof cannedUse>;

export const cannedVariable = z.object({
  name: z.string().describe('As values name it'),
  isAsked: z.boolean().describe('The person who sends it gives the value'),
  default: z.string().nullable(),
});
export type CannedVariable = z.infer<typeof cannedVariable>;

export const cannedAnswer = z
  .object({
    id: uuid(),
    scope: z.enum(CANNED_SCOPES),
    shortcut: z.string(),
    title: z.string(),
    content: z.string().describe('With its variables. Empty for a file without words'),
    variables: z.array(cannedVariable),
    category: z.string().nullable(),
    tags: z.array(z.string()),
    media: cannedMedia.nullable(),
    usageCount: z.number().int(),
    lastUsedAt: isoTime().nullable(),
    createdBy: uuid().nullable().describe('Null for an API key'),
    createdAt: isoTime(),
    updatedAt: isoTime(),
  })
  .meta({ id: 'CannedAnswer' });
export type CannedAnswer = z.infer<typeof cannedAnswer>;

const params = z.strictObject({ answerId: uuid() });
const fields = {
  category: text(60).nullable().optional(),
  tags: z.array(text(60)).max(20).optional(),
  media: cannedMedia.nullable().optional(),
};
const content = z
  .union([characters(MAX_CANNED_LENGTH), z.literal('')])
  .describe('`{{contact.first_name}}`, `{{agent.name}}`, `{{ask:Fecha|mañana}}` …; behind `|` stands a default');

/**
 * Texts that agents send again and again: those of the tenant, and those of a user alone. Another
 * user's own is like a missing one.
 */
export const cannedAnswerRoutes = {
  listCannedAnswers: route({
    method: 'GET',
    path: '/canned-answers',
    access: 'messages.create',
    query: z.strictObject({
      search: z
        .string()
        .trim()
        .max(120)
        .optional()
        .describe('`/sal`: the beginning of a shortcut. Else words, each somewhere in it'),
      scope: z.enum(CANNED_SCOPES).optional(),
      category: text(60).optional(),
      tag: text(60).optional(),
      ...walkQuery,
    }),
    responses: { 200: walked(cannedAnswer) },
    summary:
      "The tenant's canned answers and the caller's own: those whose shortcut begins so first, then the most used (messages.create)",
  }),
  getCannedAnswer: route({
    method: 'GET',
    path: '/canned-answers/:answerId',
    access: 'messages.create',
    params,
    responses: { 200: cannedAnswer },
    summary: 'One canned answer (messages.create)',
  }),
  createCannedAnswer: route({
    method: 'POST',
    path: '/canned-answers',
    access: 'messages.create',
    once: true,
    body: z.strictObject({
      scope: z.enum(CANNED_SCOPES).optional().describe('Not given: `shared` for those who may write these, else `own`'),
      shortcut: cannedShortcut().describe('Once among the shared ones, and once among those of a user'),
      title: text(120).optional().describe('Unless said the shortcut'),
      content: content.describe('Empty only with a file'),
      ...fields,
    }),
    responses: { 201: cannedAnswer },
    audit: 'canned_answer.create',
    summary: `Write a canned answer (messages.create; a shared one templates.manage). At most ${MAX_CANNED_SHARED} are shared and ${MAX_CANNED_OWN} a user's own`,
  }),
  updateCannedAnswer: route({
    method: 'PATCH',
    path: '/canned-answers/:answerId',
    access: 'messages.create',
    params,
    body: z
      .strictObject({
        shortcut: cannedShortcut().optional(),
        title: text(120).optional(),
        content: content.optional(),
        ...fields,
      })
      .refine(oneOrMore, withCode('no_fields')),
    responses: { 200: cannedAnswer },
    audit: 'canned_answer.update',
    summary: 'Change a canned answer (messages.create; a shared one templates.manage)',
  }),
  deleteCannedAnswer: route({
    method: 'DELETE',
    path: '/canned-answers/:answerId',
    access: 'messages.create',
    params,
    responses: { 204: z.null() },
    audit: 'canned_answer.delete',
    summary: 'Delete a canned answer (messages.create; a shared one templates.manage)',
  }),
  previewCannedAnswer: route({
    method: 'POST',
    path: '/conversations/:conversationId/canned-answers/:answerId/preview',
    access: 'messages.create',
    once: { none: 'It changes nothing' },
    params: z.strictObject({ conversationId: uuid(), answerId: uuid() }),
    body: z.strictObject({ values: cannedValues.default({}) }),
    responses: {
      200: z.object({
        content: z.string().describe('Filled in; a missing value leaves its variable as it is written'),
        media: cannedMedia.nullable(),
        missing: z.array(cannedVariable).describe('Without a value and without a default'),
      }),
    },
    audit: { none: 'it only shows what would be sent' },
    summary: 'What a canned answer says in a conversation (messages.create)',
  }),
};
