import { isoTime, MAX_GROUP_ADDITIONS, oneOrMore, text, uuid, withCode } from '@recado/contracts';
import { z } from 'zod';
import { OWN, pageQuery, search } from '../common/schemas.ts';
import { contactFilters } from '../contacts/schemas.ts';

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

export const groupsQuery = z.object({ search: search('En nombre o descripción'), ...pageQuery }).describe(OWN);
export const groupContactsQuery = z.object(contactFilters);
export const createGroupBody = z.strictObject({
  name: text(120),
  description: z.string().trim().max(1000).nullable().optional(),
});

export const updateGroupBody = createGroupBody.partial().refine(oneOrMore, withCode('no_fields'));

export const addContactsBody = z.strictObject({ contact_ids: z.array(uuid()).min(1).max(MAX_GROUP_ADDITIONS) });
export const contactsAdded = z.object({
  added: z.number().int().describe('Los que todavía no estaban'),
  contact_count: group.shape.contact_count,
});

export const memberParams = z.strictObject({ id: uuid(), contact_id: uuid() });
