import type { Rule } from '@recado/contracts';
import { z } from 'zod';
import type { GatewayDeps } from '../../../deps.ts';
import { type CallContext, editionRoute } from '../../../edge/edition.ts';
import { idParams, paged } from '../common/schemas.ts';
import { pageMeta } from '../common/views.ts';
import * as schemas from './schemas.ts';
import { ruleView, runView, settingsOf } from './views.ts';

const rules = { tag: 'Rules', auth: 'bearer' } as const;
const change = { ...rules, permission: 'campaigns.update' } as const;
const oneRule = { entity: 'rule', params: idParams } as const;
const list = z.object({ data: z.array(schemas.rule) });

/** Automation: when an event, if conditions, then actions. Beyond the document. */
export const ruleRoutes = [
  editionRoute({
    ...rules,
    method: 'GET',
    path: '/rules',
    summary: 'Listar reglas',
    description: 'En el orden en que corren. 100 como máximo.',
    permission: 'campaigns.read',
    responses: { 200: list },
    handle: async ({ deps, call }) => shownAll(deps, call, (await deps.clients.conversation.listRules({}, call)).items),
  }),
  editionRoute({
    ...change,
    method: 'POST',
    path: '/rules',
    summary: 'Crear regla',
    description: 'Queda la última en el orden.',
    body: schemas.createRuleBody,
    responses: { 201: schemas.rule },
    handle: async ({ body, deps, call }) => {
      const { name, event, actions } = body;
      const made = await deps.clients.conversation.createRule(
        { body: { ...settingsOf(body), name, event, actions } },
        call,
      );
      return shown(deps, call, made);
    },
  }),
  editionRoute({
    ...change,
    method: 'PUT',
    path: '/rules/order',
    summary: 'Ordenar reglas',
    fields: { ruleIds: 'rule_ids' },
    body: schemas.orderBody,
    responses: { 200: list },
    handle: async ({ body, deps, call }) => {
      const { items } = await deps.clients.conversation.orderRules({ body: { ruleIds: body.rule_ids } }, call);
      return shownAll(deps, call, items);
    },
  }),
  editionRoute({
    ...rules,
    method: 'GET',
    path: '/rules/runs',
    summary: 'Registro de reglas ejecutadas',
    description: 'La última primero. Se guarda 90 días.',
    permission: 'campaigns.read',
    fields: { ruleId: 'rule_id', conversationId: 'chat_id' },
    query: schemas.runsQuery,
    responses: { 200: paged(schemas.run) },
    handle: async ({ query, deps, call }) => {
      const { page, limit, cursor, rule_id: ruleId, chat_id: conversationId } = query;
      const input = { query: { page, limit, cursor, ruleId, conversationId } };
      const runs = await deps.clients.conversation.listRuleRuns(input, call);
      return { data: runs.items.map(runView), meta: pageMeta(query, runs) };
    },
  }),
  editionRoute({
    ...rules,
    ...oneRule,
    method: 'GET',
    path: '/rules/:id',
    summary: 'Obtener regla por ID',
    permission: 'campaigns.read',
    responses: { 200: schemas.rule },
    handle: async ({ params, deps, call }) =>
      shown(deps, call, await deps.clients.conversation.getRule({ params: { ruleId: params.id } }, call)),
  }),
  editionRoute({
    ...change,
    ...oneRule,
    method: 'PUT',
    path: '/rules/:id',
    summary: 'Actualizar regla',
    description: 'Cambia lo que se envía; el resto queda como está.',
    body: schemas.updateRuleBody,
    responses: { 200: schemas.rule },
    handle: async ({ params, body, deps, call }) => {
      const input = { params: { ruleId: params.id }, body: settingsOf(body) };
      return shown(deps, call, await deps.clients.conversation.updateRule(input, call));
    },
  }),
  editionRoute({
    ...change,
    ...oneRule,
    method: 'DELETE',
    path: '/rules/:id',
    summary: 'Eliminar regla',
    responses: { 204: z.null() },
    handle: async ({ params, deps, call }) =>
      deps.clients.conversation.deleteRule({ params: { ruleId: params.id } }, call),
  }),
  editionRoute({
    ...rules,
    ...oneRule,
    method: 'POST',
    path: '/rules/:id/try',
    summary: 'Probar regla con un chat',
    description: 'Dice qué condiciones se cumplen ahora. No hace nada.',
    permission: 'campaigns.read',
    fields: { conversationId: 'chat_id' },
    body: schemas.tryBody,
    responses: { 200: schemas.tried },
    handle: async ({ params, body: { chat_id: conversationId, text }, deps, call }) =>
      deps.clients.conversation.tryRule({ params: { ruleId: params.id }, body: { conversationId, text } }, call),
  }),
];

async function shown(deps: GatewayDeps, call: CallContext, rule: Rule) {
  return ruleView(rule, await deps.directory.users(call, [rule.createdBy]));
}

async function shownAll(deps: GatewayDeps, call: CallContext, all: readonly Rule[]) {
  const users = await deps.directory.users(
    call,
    all.map(({ createdBy }) => createdBy),
  );
  return { data: all.map((rule) => ruleView(rule, users)) };
}
