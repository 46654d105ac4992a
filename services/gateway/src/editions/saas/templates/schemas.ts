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

const category = z.enum(TEMPLATE_CATEGORIES);
const components = z
  .array(templateComponent)
  .min(1)
  .max(20)
  .describe(
    'Como los define WhatsApp: HEADER, BODY, FOOTER, BUTTONS. En un HEADER con archivo, `example: {file_id}` nombra uno subido aquí',
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
    instanceIds: z.array(uuid()).describe('Las instancias que pueden enviarla'),
    name: z.string(),
    language: z.string(),
    category,
    previousCategory: category.nullable().describe('Antes de que WhatsApp la cambiara'),
    nextCategory: category.nullable().describe('A la que WhatsApp la cambiará'),
    status: z.enum(TEMPLATE_STATUSES).describe('`draft`: todavía no se envió a revisión'),
    statusReason: z.string().nullable(),
    quality: z.enum(TEMPLATE_QUALITIES),
    parameterFormat: z.enum(PARAMETER_FORMATS),
    components: z.array(templateComponent),
    parameters: z.array(parameter).describe('Los valores que pide un mensaje'),
    usable: z.boolean(),
    syncedAt: isoTime().nullable(),
    createdAt: isoTime(),
    updatedAt: isoTime(),
  })
  .meta({ id: 'Template' });

export const templatesQuery = z.object({
  instanceId: uuid().optional(),
  status: z.enum(TEMPLATE_STATUSES).optional(),
  category: category.optional(),
  language: z.string().max(20).optional(),
  search: z.string().trim().max(120).optional().describe('Parte del nombre o del texto'),
  page: z.coerce.number().int().min(1).max(10_000).default(1),
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: cursorField('es'),
});

export const createTemplateBody = z.strictObject({
  instanceId: uuid(),
  name: z.string().max(512),
  language: text(20),
  category,
  parameterFormat: z.enum(PARAMETER_FORMATS).optional(),
  components,
  submit: z.boolean().optional().describe('false la guarda como borrador'),
});

export const updateTemplateBody = z
  .strictObject({ category, components })
  .partial()
  .refine(oneOrMore, withCode('no_fields'));

export const templateParams = z.strictObject({ templateId: uuid() });

export const valuesBody = z.strictObject(templateValues);
export const preview = templatePreview;
export const syncBody = z.strictObject({ instanceId: uuid() });
export const synced = z.object({ queued: z.boolean().describe('false: ya estaba en curso') });
