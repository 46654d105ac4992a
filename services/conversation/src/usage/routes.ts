import { conversationApi } from '@recado/contracts';
import { withTenant } from '@recado/database';
import { serve } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import type { Deps } from '../deps.ts';
import { monthOf } from './rules.ts';
import { countOpen, findMessages } from './store.ts';

export function usageRoutes(app: FastifyInstance, deps: Deps): void {
  serve(app, conversationApi.getUsage, async ({ caller }) => {
    const { tenantId } = caller;
    await deps.tenants.ensure(tenantId);
    return withTenant(deps.db, tenantId, async (tx) => {
      const [plans, openConversations] = await Promise.all([deps.tenants.get(tx, [tenantId]), countOpen(tx, tenantId)]);
      const { key, start, end } = monthOf(deps.now(), plans.get(tenantId)!.timezone);
      const messages = await findMessages(tx, tenantId, key);
      return { messages, openConversations, period: { start: start.toISOString(), end: end.toISOString() } };
    });
  });
}
