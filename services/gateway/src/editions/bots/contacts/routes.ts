import { editionRoute } from '../../../edge/edition.ts';
import { paged } from '../common/schemas.ts';
import { paginationView } from '../common/views.ts';
import { contact, contactsQuery } from './schemas.ts';
import { contactView } from './views.ts';

export const contactRoutes = [
  editionRoute({
    method: 'GET',
    path: '/api/contacts',
    tag: 'Contactos',
    summary: 'Listar contactos',
    description: 'Todos los de la empresa, también quienes solo escribieron. El último primero.',
    auth: 'bearer',
    permission: 'contacts.read',
    query: contactsQuery,
    responses: { 200: paged(contact) },
    handle: async ({ query: { search, ...page }, deps, call }) => {
      const list = await deps.clients.conversation.listContacts(
        { query: { ...page, search: search || undefined } },
        call,
      );
      return { success: true as const, data: list.items.map(contactView), pagination: paginationView(page, list) };
    },
  }),
];
