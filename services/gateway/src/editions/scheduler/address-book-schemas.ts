import { e164, email, isoTime, MAX_CONTACT_GROUPS, MAX_GROUP_ADDITIONS, text, uuid } from '@recado/contracts';
import { z } from 'zod';
import { pageQuery } from './schemas.ts';

const OWN = 'Quien no es admin solo ve lo que creó';

export const group = z
  .object({
    id: uuid(),
    name: z.string(),
    description: z.string().nullable(),
    contact_count: z.number().int().describe('Los que ve quien pregunta'),
    created_at: isoTime(),
    updated_at: isoTime(),
    created_by: uuid().nullable().describe('null: lo creó una clave de API'),
  })
  .meta({ id: 'Group' });

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

const search = (where: string) => z.string().trim().max(120).optional().describe(where);
const contactFilters = {
  search: search('En nombre, teléfono o email'),
  is_active: z.enum(['true', 'false']).optional(),
  ...pageQuery,
};

export const groupsQuery = z.object({ search: search('En nombre o descripción'), ...pageQuery }).describe(OWN);
export const groupContactsQuery = z.object(contactFilters);
export const contactsQuery = z.object({ group_id: uuid().optional(), ...contactFilters }).describe(OWN);

const oneOrMore = (body: object) => Object.keys(body).length > 0;
const ONE_OR_MORE = 'Indica al menos un campo';

export const createGroupBody = z.strictObject({
  name: text(120),
  description: z.string().trim().max(1000).nullable().optional(),
});
export const updateGroupBody = createGroupBody.partial().refine(oneOrMore, ONE_OR_MORE);

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
export const updateContactBody = createContactBody.partial().refine(oneOrMore, ONE_OR_MORE);

export const addContactsBody = z.strictObject({ contact_ids: z.array(uuid()).min(1).max(MAX_GROUP_ADDITIONS) });
export const contactsAdded = z.object({
  added: z.number().int().describe('Los que todavía no estaban'),
  contact_count: group.shape.contact_count,
});

export const memberParams = z.strictObject({ id: uuid(), contact_id: uuid() });
