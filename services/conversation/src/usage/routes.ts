import { conversationApi } from '@recado/contracts';
import { type Tx, withTenant } from '@recado/database';
import { serve } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import { cappedAt, MOST_COUNTED } from '../counted.ts';
import type { Deps } from '../deps.ts';
import { monthOf } from './rules.ts';
import { countOpen, findMessages } from './store.ts';

export function usageRoutes(app: FastifyInstance, deps: Deps): void {
  serve(app, conversationApi.getUsage, async ({ caller }) => {
    const { tenantId } = caller;
    await deps.tenants.ensure(tenantId);
    const read = async (tx: Tx) => {
      const [plans, open] = await Promise.all([
        deps.tenants.get(tx, [tenantId]),
        countOpen(tx, tenantId, MOST_COUNTED + 1),
      ]);
      const { key, start, end } = monthOf(deps.now(), plans.get(tenantId)!.timezone);
      const messages = await findMessages(tx, tenantId, key);
      const { total: openConversations, totalIsCapped } = cappedAt(MOST_COUNTED, open);
      return {
        messages,
        openConversations,
        ...(totalIsCapped && { openConversationsIsCapped: totalIsCapped }),
        period: { start: start.toISOString(), end: end.toISOString() },
      };
    };
    return withTenant(deps.db, tenantId, read, 'list');
  });
}
