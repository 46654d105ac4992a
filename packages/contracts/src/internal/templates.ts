import { z } from 'zod';
import { withCode } from '../errors.ts';
import { isoTime, matching, oneOrMore, text, uuid, walked, walkQuery } from '../primitives.ts';
import { route } from '../route.ts';

/** `draft` is ours, the others the provider's. */
export const TEMPLATE_STATUSES = [
  'draft',
  'pending',
  'approved',
  'rejected',
  'paused',
  'disabled',
  'in_appeal',
  'pending_deletion',
  'limit_exceeded',
  'archived',
  'locked',
  'unknown',
] as const;
export const TEMPLATE_CATEGORIES = ['marketing', 'utility', 'authentication'] as const;
export const TEMPLATE_QUALITIES = ['green', 'yellow', 'red', 'unknown'] as const;
export const PARAMETER_FORMATS = ['positional', 'named'] as const;

/**
 * A part of a template as WhatsApp defines it: HEADER, BODY, FOOTER, BUTTONS and others. A header's
 * `example: {file_id}` names a file of ours in place of the provider's `header_handle`.
 */
export const templateComponent = z.looseObject({ type: z.string().min(1).max(64) });
export type TemplateComponent = z.infer<typeof templateComponent>;

/** A value that a message with this template needs. */
export const templateParameter = z.object({
  part: z.enum(['header', 'body', 'button', 'card']),
  /** Its place from `1`, or its name. */
  name: z.string(),
  kind: z.string().describe('text, image, video, document, location, coupon_code …'),
  index: z.number().int().nullable().describe('Of its button'),
  example: z.string().nullable(),
  required: z.boolean(),
});
export type TemplateParameter = z.infer<typeof templateParameter>;

export const template = z
  .object({
    id: uuid(),
    channelIds: z.array(uuid()).describe("The tenant's channels that send it"),
    name: z.string(),
    language: z.string(),
    category: z.enum(TEMPLATE_CATEGORIES),
    previousCategory: z.enum(TEMPLATE_CATEGORIES).nullable().describe('Before the provider changed it'),
    nextCategory: z.enum(TEMPLATE_CATEGORIES).nullable().describe('The provider will change it to this one'),
    status: z.enum(TEMPLATE_STATUSES),
    reason: z.string().nullable().describe('Why it was rejected, paused or disabled, in the provider’s words'),
    quality: z.enum(TEMPLATE_QUALITIES),
    parameterFormat: z.enum(PARAMETER_FORMATS),
    components: z.array(templateComponent),
    parameters: z.array(templateParameter),
    usable: z.boolean().describe('A message may be sent with it now'),
    /** The provider's id; null for one that was not submitted yet. */
    providerTemplateId: z.string().nullable(),
    syncedAt: isoTime().nullable().describe('When the provider last said how it is'),
    createdAt: isoTime(),
    updatedAt: isoTime(),
  })
  .meta({ id: 'Template' });
export type Template = z.infer<typeof template>;

const parameterValue = z.record(z.string(), z.unknown());

/** Values for a template: those of the body by place or name, or all parts as WhatsApp has them. */
export const templateValues = {
  params: z.record(z.string().max(64), z.string().max(65_536)).optional(),
  components: z
    .array(
      z.looseObject({
        type: z.string().min(1).max(64),
        sub_type: z.string().max(64).optional(),
        index: z.union([z.number().int(), z.string().max(8)]).optional(),
        parameters: z.array(parameterValue).max(100).optional(),
      }),
    )
    .max(50)
    .optional(),
};
export type SentComponent = NonNullable<z.infer<(typeof templateValues)['components']>>[number];

/** A template filled in. */
export const templatePreview = z
  .object({
    header: z.object({ format: z.string(), text: z.string().nullable() }).nullable(),
    body: z.string(),
    footer: z.string().nullable(),
    buttons: z.array(z.object({ type: z.string(), text: z.string(), value: z.string().nullable() })),
    text: z.string().describe('Header, body and footer as one text'),
  })
  .meta({ id: 'TemplatePreview' });
export type TemplatePreview = z.infer<typeof templatePreview>;

/** Milliseconds: a file may have to go to the provider first. */
const WITH_FILES_MS = 60_000;

const templateId = z.strictObject({ templateId: uuid() });
const components = z.array(templateComponent).min(1).max(20);

export const templateRoutes = {
  listTemplates: route({
    method: 'GET',
    path: '/templates',
    access: 'templates.read',
    query: z.strictObject({
      ...walkQuery,
      channelId: uuid().optional().describe('Those that this channel can send'),
      status: z.enum(TEMPLATE_STATUSES).optional(),
      category: z.enum(TEMPLATE_CATEGORIES).optional(),
      language: text(20).optional(),
      search: z.string().trim().max(120).optional().describe('Part of the name or of the body'),
    }),
    responses: {
      200: walked(template).extend({
        error: z.string().nullable().optional().describe('With `channelId`: why its templates could not be read last'),
      }),
    },
    summary: "The tenant's message templates, by name and language",
  }),
  getTemplate: route({
    method: 'GET',
    path: '/templates/:templateId',
    access: 'templates.read',
    params: templateId,
    responses: { 200: template },
    summary: 'One template',
  }),
  createTemplate: route({
    method: 'POST',
    path: '/templates',
    access: 'templates.manage',
    once: true,
    body: z.strictObject({
      channelId: uuid(),
      name: matching('template_name', /^[a-z0-9_]{1,512}$/),
      language: matching('template_language', /^[a-z]{2,3}(?:_[A-Z]{2,3})?$/),
      category: z.enum(TEMPLATE_CATEGORIES),
      parameterFormat: z.enum(PARAMETER_FORMATS).default('positional'),
      components,
      submit: z.boolean().default(true).describe('False keeps a draft'),
    }),
    responses: { 201: template },
    audit: 'template.create',
    deadlineMs: WITH_FILES_MS,
    summary:
      'Create a template and submit it for review (templates.manage). A provider without templates, or what it refuses: 422',
  }),
  updateTemplate: route({
    method: 'PUT',
    path: '/templates/:templateId',
    access: 'templates.manage',
    params: templateId,
    body: z
      .strictObject({ category: z.enum(TEMPLATE_CATEGORIES), components })
      .partial()
      .refine(oneOrMore, withCode('no_fields')),
    responses: { 200: template },
    audit: 'template.update',
    deadlineMs: WITH_FILES_MS,
    summary: 'Change a template (templates.manage). One that was submitted is reviewed again',
  }),
  submitTemplate: route({
    method: 'POST',
    path: '/templates/:templateId/submit',
    access: 'templates.manage',
    once: { none: 'A template that is submitted is submitted no second time' },
    params: templateId,
    responses: { 200: template },
    audit: 'template.submit',
    deadlineMs: WITH_FILES_MS,
    summary: 'Submit a draft for review (templates.manage). One that is under review or decided: 409',
  }),
  deleteTemplate: route({
    method: 'DELETE',
    path: '/templates/:templateId',
    access: 'templates.manage',
    params: templateId,
    responses: { 204: z.null() },
    audit: 'template.delete',
    summary: 'Delete a template in this language, at the provider too (templates.manage)',
  }),
  syncTemplates: route({
    method: 'POST',
    path: '/templates-sync',
    access: 'templates.manage',
    once: { none: 'A second call while templates are read changes nothing' },
    body: z.strictObject({ channelId: uuid() }),
    responses: { 202: z.object({ queued: z.boolean().describe('False: it is under way already') }) },
    audit: { none: 'Reads what the provider has' },
    summary: 'Read the templates of a channel from its provider again, by a job (templates.manage)',
  }),
  previewTemplate: route({
    method: 'POST',
    path: '/templates/:templateId/preview',
    access: 'templates.read',
    once: { none: 'Changes nothing' },
    params: templateId,
    body: z.strictObject(templateValues),
    responses: { 200: templatePreview },
    audit: { none: 'Changes nothing' },
    summary: 'The texts of a template with these values. What does not fit: 422 naming the fields',
  }),
  checkTemplateMessage: route({
    method: 'POST',
    path: '/channels/:channelId/template-check',
    access: 'messages.create',
    callers: ['conversation', 'scheduler'],
    once: { none: 'Changes nothing' },
    params: z.strictObject({ channelId: uuid() }),
    body: z.strictObject({ name: text(512), language: text(20), ...templateValues }),
    responses: {
      200: z.object({
        templateId: uuid(),
        category: z.enum(TEMPLATE_CATEGORIES),
        components: templateValues.components.unwrap().describe('Complete, as the provider takes them'),
        preview: templatePreview,
      }),
    },
    audit: { none: 'Changes nothing' },
    summary:
      'Whether a message with this template can be sent on a channel: it is there, approved, and each value fits; else 422 naming the fields',
  }),
  listUsableTemplates: route({
    method: 'GET',
    path: '/channels/:channelId/usable-templates',
    access: 'templates.read',
    callers: ['conversation', 'scheduler'],
    params: z.strictObject({ channelId: uuid() }),
    query: z.strictObject({ limit: z.coerce.number().int().min(1).max(100).default(20) }),
    responses: {
      200: z.object({
        items: z.array(template.pick({ id: true, name: true, language: true, category: true })),
        total: z.number().int(),
      }),
    },
    summary: 'Templates that can be sent on a channel now, by name. None for a provider without templates',
  }),
} as const;
