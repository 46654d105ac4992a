import { conversationApi } from '@recado/contracts';
import { serve } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import type { Deps } from '../deps.ts';
import { getTimeline } from '../timeline/get.ts';
import { createContact } from './create.ts';
import { getContact } from './get.ts';
import { listContacts } from './list.ts';
import { mergeContacts } from './merge.ts';
import { getErasure, removeContact } from './remove.ts';
import { addContactTag, removeContactTag } from './tag.ts';
import { updateContact } from './update.ts';

export function contactRoutes(app: FastifyInstance, deps: Deps): void {
  serve(app, conversationApi.listContacts, async ({ caller, query }) => listContacts(deps.db, caller, query));

  serve(app, conversationApi.getContact, async ({ caller, params }) => getContact(deps.db, caller, params.contactId));

  serve(app, conversationApi.addContactTag, async ({ caller, origin, params, body }) =>
    addContactTag(deps, caller, origin, { ...params, ...body }),
  );

  serve(app, conversationApi.removeContactTag, async ({ caller, origin, params }) =>
    removeContactTag(deps, caller, origin, params),
  );

  serve(app, conversationApi.createContact, async ({ caller, origin, body }) =>
    createContact(deps, caller, origin, body),
  );

  serve(app, conversationApi.updateContact, async ({ caller, origin, params, body }) =>
    updateContact(deps, caller, origin, params.contactId, body),
  );

  serve(app, conversationApi.getTimeline, async ({ caller, params, query }) =>
    getTimeline(deps.db, caller, params.contactId, query),
  );

  serve(app, conversationApi.mergeContacts, async ({ caller, origin, params, body }) =>
    mergeContacts(deps, caller, origin, { ...params, ...body }),
  );

  serve(app, conversationApi.deleteContact, async ({ caller, origin, params }) => {
    await removeContact(deps, caller, origin, params.contactId);
  });

  serve(app, conversationApi.getErasure, async ({ caller, params }) => getErasure(deps.db, caller, params.contactId));
}
