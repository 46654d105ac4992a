import { conversationApi } from '@recado/contracts';
import { serve } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import type { Deps } from '../deps.ts';
import { sendKeyOf } from '../messages/keys.ts';
import { createMacro, listMacros, removeMacro, updateMacro } from './change.ts';
import { runMacro } from './run.ts';

export function macroRoutes(app: FastifyInstance, deps: Deps): void {
  serve(app, conversationApi.listMacros, async ({ caller }) => listMacros(deps, caller));

  serve(app, conversationApi.createMacro, async ({ caller, origin, body }) => createMacro(deps, caller, origin, body));

  serve(app, conversationApi.updateMacro, async ({ caller, origin, params, body }) =>
    updateMacro(deps, caller, origin, params.macroId, body),
  );

  serve(app, conversationApi.deleteMacro, async ({ caller, origin, params }) => {
    await removeMacro(deps, caller, origin, params.macroId);
  });

  serve(app, conversationApi.runMacro, async ({ caller, origin, context, params, request }) => {
    const key = sendKeyOf(request.headers, 'macro', params.conversationId, params.macroId);
    return runMacro(deps, { caller, origin, context, key }, params);
  });
}
