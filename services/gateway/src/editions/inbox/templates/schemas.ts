import {
  isoTime,
  oneOrMore,
  PARAMETER_FORMATS,
  TEMPLATE_CATEGORIES,
  TEMPLATE_QUALITIES,
  TEMPLATE_STATUSES,
  templateComponent,
  templatePreview,
  templateValues,
  text,
  uuid,
  withCode,
} from '@recado/contracts';
import { z } from 'zod';
import { cursorField } from '../../../edge/cursors.ts';
import { paged } from '../common/schemas.ts';

/** Words in capitals, as this edition has them. */
const capitals = <const W extends readonly string[]>(words: W) =>
  words.map((word) => word.toUpperCase()) as unknown as { [I in keyof W]: Uppercase<W[I]> };
const STATUSES = capitals(TEMPLATE_STATUSES);
const category = z.enum(capitals(TEMPLATE_CATEGORIES));
const components = z
  .array(templateComponent)
  .min(1)
  .max(20)
  .describe(
    'Como o WhatsApp os define: HEADER, BODY, FOOTER, BUTTONS. Num HEADER com arquivo, `example: {file_id}` nomeia um enviado aqui',
  );

const parameter = z.object({
  part: z.enum(['header', 'body', 'button', 'card']),
  name: z.string(),
  kind: z.string(),
  index: z.number().int().nullable(),
  example: z.string().nullable(),
  required: z.boolean(),
});

export const template = z
  .object({
    id: uuid(),
    channelIds: z.array(uuid()).describe('Os números que podem enviá-lo'),
    name: z.string(),
    language: z.string(),
    category,
    previousCategory: category.nullable().describe('Antes de o WhatsApp a mudar'),
    nextCategory: category.nullable().describe('Para a qual o WhatsApp a mudará'),
    status: z.enum(STATUSES).describe('`DRAFT`: ainda não foi enviado para revisão'),
    statusReason: z.string().nullable(),
    quality: z.enum(capitals(TEMPLATE_QUALITIES)),
    parameterFormat: z.enum(capitals(PARAMETER_FORMATS)),
    components: z.array(templateComponent),
    parameters: z.array(parameter).describe('Os valores que uma mensagem pede'),
    usable: z.boolean(),
    syncedAt: isoTime().nullable(),
    createdAt: isoTime(),
    updatedAt: isoTime(),
  })
  .meta({ id: 'Template' });

export const templatesPage = paged(template).extend({
  templatesError: z
    .string()
    .nullable()
    .describe('Com `channelId`: por que os templates dele não puderam ser lidos da última vez'),
});

export const templatesQuery = z.object({
  channelId: uuid().optional(),
  status: z.enum(STATUSES).optional(),
  category: category.optional(),
  language: z.string().max(20).optional(),
  search: z.string().trim().max(120).optional().describe('Parte do nome ou do texto'),
  page: z.coerce.number().int().min(1).max(10_000).default(1),
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: cursorField('pt'),
});

export const createTemplateBody = z.strictObject({
  channelId: uuid(),
  name: z.string().max(512),
  language: text(20),
  category,
  parameterFormat: z.enum(capitals(PARAMETER_FORMATS)).optional(),
  components,
  submit: z.boolean().optional().describe('false guarda-o como rascunho'),
});

export const updateTemplateBody = z
  .strictObject({ category, components })
  .partial()
  .refine(oneOrMore, withCode('no_fields'));

export const templateParams = z.strictObject({ id: uuid() });

export const valuesBody = z.strictObject(templateValues);
export const preview = templatePreview;
export const syncBody = z.strictObject({ channelId: uuid() });
export const synced = z.object({ queued: z.boolean().describe('false: já estava em curso') });
