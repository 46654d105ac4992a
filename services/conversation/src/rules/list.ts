import { type conversationApi, type RouteInput, type RouteOutput, type Rule, uuid } from '@recado/contracts';
import { type Database, readTenant, withTenant } from '@recado/database';
import { type Caller, NotFound, requirePermission, walkOf } from '@recado/service-kit';
import type { Deps } from '../deps.ts';
import { explain } from './conditions.ts';
import { readFacts } from './facts.ts';
import { countAllRuns, selectRule, selectRules, selectRuns } from './store.ts';
import { ruleView, runView } from './views.ts';

const walk = walkOf('rule-runs', { id: uuid() });

export async function listRules(db: Database, tenantId: string): Promise<{ items: Rule[] }> {
  const [rows] = await readTenant(db, tenantId, (tx) => [selectRules(tx, tenantId)]);
  return { items: rows.map(ruleView) };
}

/** @throws NotFound `rule` */
export async function getRule(db: Database, tenantId: string, id: string): Promise<Rule> {
  const [[row]] = await readTenant(db, tenantId, (tx) => [selectRule(tx, tenantId, id)]);
  if (!row) throw new NotFound('rule', id);
  return ruleView(row);
}

/** The log of rules that ran, the last first. */
export async function listRuns(
  db: Database,
  tenantId: string,
  { page, limit, cursor, ...filter }: RouteInput<typeof conversationApi.listRuleRuns>['query'],
): Promise<RouteOutput<typeof conversationApi.listRuleRuns>> {
  const slice = walk.slice({ page, limit, cursor });
  const [rows, counted] = await readTenant(db, tenantId, (tx) => [
    selectRuns(tx, tenantId, filter, slice),
    countAllRuns(tx, tenantId, filter),
  ]);
  const { items, nextCursor } = walk.page(rows, limit, ({ id }) => ({ id }));
  return { items: items.map(runView), ...counted, nextCursor };
}

/**
 * Which conditions of a rule hold for a chat now. It does nothing.
 * @throws Forbidden for who may not read the chat; NotFound `rule` or `conversation`
 */
export async function tryRule(
  deps: Deps,
  caller: Caller,
  ruleId: string,
  { conversationId, text }: RouteInput<typeof conversationApi.tryRule>['body'],
): Promise<RouteOutput<typeof conversationApi.tryRule>> {
  const { tenantId } = caller;
  // Its answers tell of the chat, its contact and what they wrote.
  for (const needed of ['chats.read', 'messages.read', 'contacts.read'] as const) requirePermission(caller, needed);
  const { conditions } = await getRule(deps.db, tenantId, ruleId);
  const chat = await withTenant(deps.db, tenantId, (tx) =>
    readFacts(tx, tenantId, conversationId, deps.now(), text === null ? 'last' : null),
  );
  if (chat === null) throw new NotFound('conversation', conversationId);
  if (conditions === null) return { matched: true, conditions: null };
  const result = explain(conditions, { ...chat.facts, text: text ?? chat.facts.text });
  return { matched: result.holds, conditions: result };
}
