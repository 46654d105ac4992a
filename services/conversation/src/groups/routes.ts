import { conversationApi } from '@recado/contracts';
import { serve } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import { listGroupContacts } from '../contacts/list.ts';
import type { Deps } from '../deps.ts';
import { createGroup } from './create.ts';
import { findGroup, listGroups } from './list.ts';
import { addContacts, removeMember } from './members.ts';
import { removeGroup } from './remove.ts';
import { updateGroup } from './update.ts';

export function groupRoutes(app: FastifyInstance, deps: Deps): void {
  serve(app, conversationApi.listGroups, async ({ caller, query }) => listGroups(deps.db, caller, query));

  serve(app, conversationApi.createGroup, async ({ caller, origin, body }) => createGroup(deps, caller, origin, body));

  serve(app, conversationApi.getGroup, async ({ caller, params }) => findGroup(deps.db, caller, params.groupId));

  serve(app, conversationApi.updateGroup, async ({ caller, origin, params, body }) =>
    updateGroup(deps, caller, origin, params.groupId, body),
  );

  serve(app, conversationApi.deleteGroup, async ({ caller, origin, params }) => {
    await removeGroup(deps, caller, origin, params.groupId);
  });

  serve(app, conversationApi.listGroupContacts, async ({ caller, params, query }) =>
    listGroupContacts(deps.db, caller, params.groupId, query),
  );

  serve(app, conversationApi.addGroupContacts, async ({ caller, origin, params, body }) =>
    addContacts(deps, caller, origin, params.groupId, body.contactIds),
  );

  serve(app, conversationApi.removeGroupContact, async ({ caller, origin, params }) => {
    await removeMember(deps, caller, origin, params.groupId, params.contactId);
  });
}
