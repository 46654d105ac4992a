import { z } from 'zod';
import { text, uuid } from '../primitives.ts';
import { route } from '../route.ts';
import { contactProfile, LEAD_STATUSES } from './contacts.ts';

const filters = {
  search: z.string().trim().max(120).optional().describe('In name, company, e-mail or phone'),
  leadStatus: z.enum(LEAD_STATUSES).optional(),
  segment: text(60).optional(),
  tag: text(60).optional().describe('Its name; case does not matter'),
};

export const exportedContact = contactProfile
  .omit({ avatarUrl: true, username: true, isGroup: true })
  .meta({ id: 'ExportedContact' });
export type ExportedContact = z.infer<typeof exportedContact>;

/** Contacts as a file: the gateway writes it, page after page. */
export const exportRoutes = {
  startContactExport: route({
    method: 'POST',
    path: '/contact-exports',
    access: 'contacts.export',
    once: { none: 'It changes nothing: it only notes who took which contacts' },
    unproved: true,
    body: z.strictObject({ format: z.enum(['csv', 'xlsx']), ...filters }),
    responses: { 200: z.object({ customFields: z.array(z.string()).describe('Keys that the contacts have') }) },
    audit: 'contact.export',
    summary: 'Begin an export of contacts (contacts.export)',
  }),
  listExportedContacts: route({
    method: 'GET',
    path: '/contact-exports/contacts',
    access: 'contacts.export',
    query: z.strictObject({
      ...filters,
      after: uuid().optional().describe('The last contact of the page before'),
      limit: z.coerce.number().int().min(1).max(1000).default(1000),
    }),
    responses: { 200: z.object({ items: z.array(exportedContact), next: uuid().nullable() }) },
    summary: 'A page of an export: contacts with a phone in the order they came (contacts.export)',
  }),
};
