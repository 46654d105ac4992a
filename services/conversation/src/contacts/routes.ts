import { conversationApi } from '@recado/contracts';
import { requirePermission, serve } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import type { Deps } from '../deps.ts';
import { createContact } from './create.ts';
import { listContacts } from './list.ts';
import { removeContact } from './remove.ts';
import { updateContact } from './update.ts';

export function contactRoutes(app: FastifyInstance, deps: Deps): void {
  serve(app, conversationApi.listContacts, async ({ caller, query }) => {
    requirePermission(caller, 'contacts.read');
    return listContacts(deps.db, caller, query);
  });

  serve(app, conversationApi.createContact, async ({ caller, origin, body }) => {
    requirePermission(caller, 'contacts.manage');
    return createContact(deps, caller, origin, body);
  });

  serve(app, conversationApi.updateContact, async ({ caller, origin, params, body }) => {
    requirePermission(caller, 'contacts.manage');
    return updateContact(deps, caller, origin, params.contactId, body);
  });

  serve(app, conversationApi.deleteContact, async ({ caller, origin, params }) => {
    requirePermission(caller, 'contacts.manage');
    await removeContact(deps, caller, origin, params.contactId);
  });
}
