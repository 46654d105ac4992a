import { conversationApi } from '@recado/contracts';
import { serve } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import type { Deps } from '../deps.ts';
import { listExported } from './list.ts';
import { startExport } from './start.ts';

export function exportRoutes(app: FastifyInstance, deps: Deps): void {
  serve(app, conversationApi.startContactExport, async ({ caller, origin, body }) =>
    startExport(deps, caller, origin, body),
  );
  serve(app, conversationApi.listExportedContacts, async ({ caller, query }) => listExported(deps.db, caller, query));
}
