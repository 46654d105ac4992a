import { conversationApi } from '@recado/contracts';
import { requirePermission, serve } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import { listGroupContacts } from '../contacts/list.ts';
import type { Deps } from '../deps.ts';
import { createGroup } from './create.ts';
import { findGroup, listGroups } from './list.ts';
import { addContacts, removeMember } from './members.ts';
import { removeGroup } from './remove.ts';
import { updateGroup } from './update.ts';

export function groupRoutes(app: FastifyInstance, deps: Deps): void {
  serve(app, conversationApi.listGroups, async ({ caller, query }) => {
    requirePermission(caller, 'groups.read');
    return listGroups(deps.db, caller, query);
  });

  serve(app, conversationApi.createGroup, async ({ caller, origin, body }) => {
    requirePermission(caller, 'groups.manage');
    return createGroup(deps, caller, origin, body);
  });

  serve(app, conversationApi.getGroup, async ({ caller, params }) => {
    requirePermission(caller, 'groups.read');
    return findGroup(deps.db, caller, params.groupId);
  });

  serve(app, conversationApi.updateGroup, async ({ caller, origin, params, body }) => {
    requirePermission(caller, 'groups.manage');
    return updateGroup(deps, caller, origin, params.groupId, body);
  });

  serve(app, conversationApi.deleteGroup, async ({ caller, origin, params }) => {
    requirePermission(caller, 'groups.manage');
    await removeGroup(deps, caller, origin, params.groupId);
  });

  serve(app, conversationApi.listGroupContacts, async ({ caller, params, query }) => {
    requirePermission(caller, 'groups.read');
    return listGroupContacts(deps.db, caller, params.groupId, query);
  });

  serve(app, conversationApi.addGroupContacts, async ({ caller, origin, params, body }) => {
    requirePermission(caller, 'groups.manage');
    return addContacts(deps, caller, origin, params.groupId, body.contactIds);
  });

  serve(app, conversationApi.removeGroupContact, async ({ caller, origin, params }) => {
    requirePermission(caller, 'groups.manage');
    await removeMember(deps, caller, origin, params.groupId, params.contactId);
  });
}
