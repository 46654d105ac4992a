import { conversationApi } from '@recado/contracts';
import { serve } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import type { Deps } from '../deps.ts';
import { addTag, removeTag } from './change.ts';
import { listTags } from './list.ts';

export function tagRoutes(app: FastifyInstance, deps: Deps): void {
  serve(app, conversationApi.listTags, async ({ caller, query }) => listTags(deps.db, caller.tenantId, query));

  serve(app, conversationApi.addTag, async ({ caller, origin, params, body }) =>
    addTag(deps, caller, origin, { ...params, ...body }),
  );

  serve(app, conversationApi.removeTag, async ({ caller, origin, params }) => removeTag(deps, caller, origin, params));
}
