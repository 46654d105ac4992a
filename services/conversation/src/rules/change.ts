import {
  type AuditEntry,
  type AuditOrigin,
  buildAudit,
  changesBetween,
  type conversationApi,
  conversationAudit,
  MAX_RULES,
  type RouteInput,
  type Rule,
  uuidv7,
} from '@recado/contracts';
import { once, type Tx, withTenant } from '@recado/database';
import { enqueue } from '@recado/messaging';
import { type Caller, Conflict, ValidationFailed } from '@recado/service-kit';
import type { Deps } from '../deps.ts';
import { lockKind } from '../lock-kind.ts';
import { checkActions, checkAllowed, checkConditions, checkTiming } from './check.ts';
import { deleteRule, insertRule, lockRule, patchRule, type RuleSettings, selectRules, setPositions } from './store.ts';
import { auditedRule, ruleView, settingsOf } from './views.ts';

type Body<K extends 'createRule' | 'updateRule' | 'orderRules'> = RouteInput<(typeof conversationApi)[K]>['body'];

/**
 * Makes a rule, the last in order.
 * @throws Forbidden as checkAllowed; ValidationFailed as checkActions and checkConditions; Conflict
 *   `rule` beyond the most
 */
export async function createRule(
  deps: Deps,
  caller: Caller,
  origin: AuditOrigin,
  input: Body<'createRule'>,
): Promise<Rule> {
  const { tenantId, userId: createdBy, apiKeyId: authorKeyId = null } = caller;
  checkAllowed(caller, input.actions);
  checkTiming(input);
  checkConditions(input.conditions);
  await checkActions(deps, tenantId, input.actions);
  const work = async (tx: Tx): Promise<Rule> => {
    await lockKind(tx, 'rules', tenantId);
    const known = await selectRules(tx, tenantId);
    if (known.length >= MAX_RULES) throw new Conflict(`At most ${MAX_RULES} rules`, 'rule');
    const position = (known.at(-1)?.position ?? 0) + 1;
    const made = await insertRule(tx, { tenantId, id: uuidv7(), createdBy, authorKeyId, position, ...input });
    await tell(tx, origin, made.id, 'rule.create', changesBetween(null, auditedRule(settingsOf(made))));
    return ruleView(made);
  };
  return withTenant(deps.db, tenantId, (tx) => once(tx, tenantId, origin.callKey, () => work(tx)));
}

/** Changes what is named of a rule. @throws NotFound `rule`; as createRule */
export async function updateRule(
  deps: Deps,
  caller: Caller,
  origin: AuditOrigin,
  ruleId: string,
  input: Body<'updateRule'>,
): Promise<Rule> {
  const { tenantId } = caller;
  if (input.conditions) checkConditions(input.conditions);
  if (input.actions) await checkActions(deps, tenantId, input.actions);
  return withTenant(deps.db, tenantId, async (tx) => {
    const before = await lockRule(tx, tenantId, ruleId);
    const given = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
    const after: RuleSettings = { ...settingsOf(before), ...given };
    // Anyone may switch a rule off.
    if (after.enabled || input.actions) checkAllowed(caller, after.actions);
    checkTiming(after);
    if (JSON.stringify(after) === JSON.stringify(settingsOf(before))) return ruleView(before);
    const row = await patchRule(tx, { ...before, authorKeyId: caller.apiKeyId ?? null }, after);
    // Of texts alone nothing shows: the line says that it was changed.
    const changes = changesBetween(auditedRule(settingsOf(before)), auditedRule(after));
    await tell(tx, origin, ruleId, 'rule.update', changes);
    return ruleView(row);
  });
}

/** @throws NotFound `rule` */
export const removeRule = (deps: Deps, { tenantId }: Caller, origin: AuditOrigin, ruleId: string): Promise<void> =>
  withTenant(deps.db, tenantId, async (tx) => {
    const before = await lockRule(tx, tenantId, ruleId);
    await deleteRule(tx, tenantId, ruleId);
    await tell(tx, origin, ruleId, 'rule.delete', changesBetween(auditedRule(settingsOf(before)), null));
  });

/**
 * Puts rules in this order; those that are not named follow in theirs.
 * @throws ValidationFailed naming each that is unknown
 */
export const orderRules = (
  deps: Deps,
  { tenantId }: Caller,
  origin: AuditOrigin,
  { ruleIds }: Body<'orderRules'>,
): Promise<{ items: Rule[] }> =>
  withTenant(deps.db, tenantId, async (tx) => {
    await lockKind(tx, 'rules', tenantId);
    const before = (await selectRules(tx, tenantId)).map(({ id }) => id);
    const unknown = ruleIds.flatMap((id, i) =>
      before.includes(id) ? [] : [{ field: `ruleIds.${i}`, message: 'No such rule', code: 'unknown_rule' as const }],
    );
    if (unknown.length > 0) throw new ValidationFailed(unknown);
    const after = [...ruleIds, ...before.filter((id) => !ruleIds.includes(id))];
    const changes = changesBetween({ order: before }, { order: after });
    if (changes) {
      await setPositions(tx, tenantId, after);
      await tell(tx, origin, null, 'rule.order', changes);
    }
    return { items: (await selectRules(tx, tenantId)).map(ruleView) };
  });

const tell = (
  tx: Tx,
  origin: AuditOrigin,
  entityId: string | null,
  action: string,
  changes: AuditEntry['changes'],
): Promise<unknown> =>
  enqueue(tx, [buildAudit(conversationAudit, origin, { action, entityType: 'rule', entityId, changes })]);
