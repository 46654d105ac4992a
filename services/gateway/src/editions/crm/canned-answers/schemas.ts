import {
  CANNED_MEDIA_KINDS,
  CANNED_SCOPES,
  cannedShortcut,
  cannedValues,
  isoTime,
  oneOrMore,
  text,
  uuid,
  withCode,
} from '@recado/contracts';
import { z } from 'zod';
import { pageQuery, person } from '../common/schemas.ts';

export const cannedAnswersQuery = z.object({
  search: z
    .string()
    .trim()
    .max(120)
    .optional()
    .describe('`/sal`: el comienzo de un atajo. Si no, palabras que estén en cualquier parte'),
  scope: z.enum(CANNED_SCOPES).optional(),
  category: text(60).optional(),
  tag: text(60).optional(),
  ...pageQuery(20),
});

const media = z.strictObject({
  type: z.enum(CANNED_MEDIA_KINDS),
  file_id: uuid().describe('De `POST /files`'),
  file_name: text(1000).optional(),
});
const content = z
  .string()
  .trim()
  .max(4096)
  .describe(
    'Variables: `{{contact.name}}`, `{{contact.first_name}}`, `{{contact.last_name}}`, `{{contact.phone}}`, `{{contact.email}}`, `{{contact.company}}`, `{{contact.custom.clave}}`, `{{agent.name}}`, `{{agent.first_name}}`, `{{company.name}}`, `{{chat.id}}` y `{{ask:Fecha}}`, que se pregunta al enviar. `{{contact.name|cliente}}` tiene un valor por defecto',
  );
const fields = {
  category: text(60).nullable().optional(),
  tags: z.array(text(60)).max(20).optional(),
  media: media.nullable().optional().describe('Con él, `content` es su texto, y puede ser vacío'),
};

export const createCannedAnswerBody = z.strictObject({
  scope: z
    .enum(CANNED_SCOPES)
    .optional()
    .describe('`own`: solo del usuario. Sin él, `shared` si el usuario puede crearlas, y si no `own`'),
  shortcut: cannedShortcut().describe('Único entre las compartidas, y entre las de un usuario'),
  title: text(120).optional().describe('Si no se indica, el atajo'),
  content,
  ...fields,
});
export const updateCannedAnswerBody = z
  .strictObject({
    shortcut: cannedShortcut().optional(),
    title: text(120).optional(),
    content: content.optional(),
    ...fields,
  })
  .refine(oneOrMore, withCode('no_fields'));

const variable = z.object({
  name: z.string().describe('Así se llama en `values`'),
  is_asked: z.boolean().describe('El agente indica el valor al enviar'),
  default: z.string().nullable(),
});

export const cannedAnswer = z
  .object({
    id: uuid(),
    scope: z.enum(CANNED_SCOPES),
    shortcut: z.string(),
    title: z.string(),
    content: z.string(),
    variables: z.array(variable),
    category: z.string().nullable(),
    tags: z.array(z.string()),
    media: media.nullable(),
    usage_count: z.number().int(),
    last_used_at: isoTime().nullable(),
    created_by: person.nullable().describe('null: una clave de API'),
    created_at: isoTime(),
    updated_at: isoTime(),
  })
  .meta({ id: 'CrmCannedAnswer' });

export const previewParams = z.strictObject({ id: uuid(), cannedAnswerId: uuid() });
export const previewBody = z.strictObject({ values: cannedValues.default({}) });
export const cannedPreview = z
  .object({
    content: z.string().describe('Una variable sin valor queda como está escrita'),
    media: media.nullable(),
    missing: z.array(variable).describe('Sin valor: se indican en `values`'),
  })
  .meta({ id: 'CannedPreview' });
