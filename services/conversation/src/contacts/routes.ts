import { conversationApi } from '@recado/contracts';
import { serve } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import type { Deps } from '../deps.ts';
import { createContact } from './create.ts';
import { listContacts } from './list.ts';
import { removeContact } from './remove.ts';
import { updateContact } from './update.ts';

export function contactRoutes(app: FastifyInstance, deps: Deps): void {
  serve(app, conversationApi.listContacts, async ({ caller, query }) => listContacts(deps.db, caller, query));

  serve(app, conversationApi.createContact, async ({ caller, origin, body }) =>
    createContact(deps, caller, origin, body),
  );

  serve(app, conversationApi.updateContact, async ({ caller, origin, params, body }) =>
    updateContact(deps, caller, origin, params.contactId, body),
  );

  serve(app, conversationApi.deleteContact, async ({ caller, origin, params }) => {
    await removeContact(deps, caller, origin, params.contactId);
  });
}
