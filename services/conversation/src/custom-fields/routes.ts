import { conversationApi } from '@recado/contracts';
import { readTenant } from '@recado/database';
import { serve } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import type { Deps } from '../deps.ts';
import { createCustomField, customFieldView, deleteCustomField, updateCustomField } from './change.ts';
import { selectFields } from './store.ts';

export function customFieldRoutes(app: FastifyInstance, deps: Deps): void {
  serve(app, conversationApi.listCustomFields, async ({ caller }) => {
    const [rows] = await readTenant(deps.db, caller.tenantId, (tx) => [selectFields(tx, caller.tenantId)]);
    return { items: rows.map(customFieldView) };
  });

  serve(app, conversationApi.createCustomField, async ({ caller, origin, body }) =>
    createCustomField(deps, caller, origin, body),
  );

  serve(app, conversationApi.updateCustomField, async ({ caller, origin, params, body }) =>
    updateCustomField(deps, caller, origin, { ...params, ...body }),
  );

  serve(app, conversationApi.deleteCustomField, async ({ caller, origin, params }) => {
    await deleteCustomField(deps, caller, origin, params.fieldId);
  });
}
