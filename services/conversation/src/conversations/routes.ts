import { conversationApi } from '@recado/contracts';
import { readTenant } from '@recado/database';
import { NotFound, serve } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import { besideConversation, selectProfile } from '../contacts/get.ts';
import { selectParticipants } from '../contacts/participants.ts';
import type { Deps } from '../deps.ts';
import { selectSurveyOf } from '../surveys/list-store.ts';
import { surveyView } from '../surveys/views.ts';
import { countOpen } from './counts.ts';
import { findConversations, listConversations } from './list.ts';
import {
  archiveConversation,
  assignConversation,
  closeConversation,
  reopenConversation,
  snoozeConversation,
  transferConversation,
  updateConversation,
} from './move.ts';
import { joinedView } from './views.ts';

export function conversationRoutes(app: FastifyInstance, deps: Deps): void {
  const { db } = deps;

  serve(app, conversationApi.listConversations, async ({ caller, query }) => {
    const page = await listConversations(db, caller.tenantId, query);
    return { ...page, items: page.items.map(joinedView) };
  });

  serve(app, conversationApi.countConversations, async ({ caller }) => countOpen(db, caller.tenantId, caller.userId));

  serve(app, conversationApi.listConversationsByIds, async ({ caller, query }) => {
    const rows = await findConversations(db, caller.tenantId, query.ids);
    return { items: rows.map(joinedView) };
  });

  serve(app, conversationApi.getConversation, async ({ caller, params }) => {
    const [row] = await findConversations(db, caller.tenantId, [params.conversationId]);
    if (!row) throw new NotFound('conversation', params.conversationId);
    const view = joinedView(row);
    const isGroup = row.contactGroupAddress !== null;
    const [[profile], people, [survey]] = await readTenant(db, caller.tenantId, (tx) => [
      selectProfile(tx, caller.tenantId, row.contactId),
      isGroup ? selectParticipants(tx, caller.tenantId, params.conversationId) : Promise.resolve([]),
      selectSurveyOf(tx, caller.tenantId, params.conversationId),
    ]);
    const participants = people.map((one) => ({ ...one, lastMessageAt: one.lastMessageAt?.toISOString() ?? null }));
    const contact = besideConversation(view.contact, profile);
    return { ...view, contact, ...(isGroup && { participants }), ...(survey && { survey: surveyView(survey) }) };
  });

  serve(app, conversationApi.assignConversation, async ({ caller, origin, params, body }) =>
    assignConversation(deps, { caller, origin, ...params }, body),
  );

  serve(app, conversationApi.transferConversation, async ({ caller, origin, params, body }) =>
    transferConversation(deps, { caller, origin, ...params }, body),
  );

  serve(app, conversationApi.closeConversation, async ({ caller, origin, params, body }) =>
    closeConversation(deps, { caller, origin, ...params }, body),
  );

  serve(app, conversationApi.reopenConversation, async ({ caller, origin, params }) =>
    reopenConversation(deps, { caller, origin, ...params }),
  );

  serve(app, conversationApi.snoozeConversation, async ({ caller, origin, params, body }) =>
    snoozeConversation(deps, { caller, origin, ...params }, body.until),
  );

  serve(app, conversationApi.wakeConversation, async ({ caller, origin, params }) =>
    snoozeConversation(deps, { caller, origin, ...params }, null),
  );

  serve(app, conversationApi.archiveConversation, async ({ caller, origin, params }) =>
    archiveConversation(deps, { caller, origin, ...params }, true),
  );

  serve(app, conversationApi.unarchiveConversation, async ({ caller, origin, params }) =>
    archiveConversation(deps, { caller, origin, ...params }, false),
  );

  serve(app, conversationApi.updateConversation, async ({ caller, origin, params, body }) =>
    updateConversation(deps, { caller, origin, ...params }, body),
  );
}
