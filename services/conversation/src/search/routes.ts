import { conversationApi } from '@recado/contracts';
import { serve } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import type { Deps } from '../deps.ts';
import { searchMessages } from './search.ts';

export function searchRoutes(app: FastifyInstance, deps: Deps): void {
  serve(app, conversationApi.searchMessages, async ({ caller, query }) => searchMessages(deps, caller.tenantId, query));
}
