import { conversationApi } from '@recado/contracts';
import { serve } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import type { Deps } from '../deps.ts';
import { createRule, orderRules, removeRule, updateRule } from './change.ts';
import { getRule, listRules, listRuns, tryRule } from './list.ts';

export function ruleRoutes(app: FastifyInstance, deps: Deps): void {
  const { db } = deps;

  serve(app, conversationApi.listRules, async ({ caller }) => listRules(db, caller.tenantId));

  serve(app, conversationApi.createRule, async ({ caller, origin, body }) => createRule(deps, caller, origin, body));

  serve(app, conversationApi.getRule, async ({ caller, params }) => getRule(db, caller.tenantId, params.ruleId));

  serve(app, conversationApi.updateRule, async ({ caller, origin, params, body }) =>
    updateRule(deps, caller, origin, params.ruleId, body),
  );

  serve(app, conversationApi.deleteRule, async ({ caller, origin, params }) => {
    await removeRule(deps, caller, origin, params.ruleId);
  });

  serve(app, conversationApi.orderRules, async ({ caller, origin, body }) => orderRules(deps, caller, origin, body));

  serve(app, conversationApi.tryRule, async ({ caller, params, body }) => tryRule(deps, caller, params.ruleId, body));

  serve(app, conversationApi.listRuleRuns, async ({ caller, query }) => listRuns(db, caller.tenantId, query));
}
