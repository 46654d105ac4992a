import { e164, email, isoTime, MAX_CONTACT_GROUPS, oneOrMore, text, uuid, withCode } from '@recado/contracts';
import { z } from 'zod';
import { OWN, pageQuery, search } from '../common/schemas.ts';

export const contact = z
  .object({
    id: uuid(),
    name: z.string().nullable().describe('null: solo escribió y no mostró un nombre'),
    phone: z.string().nullable().describe('E.164; null: solo escribió y mostró un nombre de usuario'),
    email: z.string().nullable(),
    is_active: z.boolean(),
    groups: z.array(uuid()).describe('Ids de los grupos que ve quien pregunta'),
    created_at: isoTime(),
    updated_at: isoTime(),
    created_by: uuid().nullable().describe('null: llegó por WhatsApp, o lo creó una clave de API'),
  })
  .meta({ id: 'Contact' });

export const contactFilters = {
  search: search('En nombre, teléfono o email'),
  is_active: z.enum(['true', 'false']).optional(),
  ...pageQuery,
};

export const contactsQuery = z.object({ group_id: uuid().optional(), ...contactFilters }).describe(OWN);

export const createContactBody = z.strictObject({
  name: text(120),
  phone: e164().describe(
    'Con + y código de país, sin separadores. Sus otras formas de escribirse son el mismo contacto',
  ),
  email: email().nullable().optional(),
  is_active: z.boolean().optional().describe('true si no se indica'),
  groups: z
    .array(uuid())
    .max(MAX_CONTACT_GROUPS)
    .optional()
    .describe('Ids de los grupos en los que queda, de los que ve quien pregunta'),
});

export const updateContactBody = createContactBody.partial().refine(oneOrMore, withCode('no_fields'));
