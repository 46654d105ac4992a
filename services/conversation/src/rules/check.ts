import { FIELD_CODES, type FieldError, type RuleAction, type RuleCondition } from '@recado/contracts';
import { withTenant } from '@recado/database';
import { AppError, type Caller, requirePermission, ValidationFailed } from '@recado/service-kit';
import { selectCampaign } from '../campaigns/store.ts';
import { checkAssignable } from '../conversations/assignee.ts';
import { customFieldErrors } from '../custom-fields/rules.ts';
import { selectFields } from '../custom-fields/store.ts';
import type { Deps } from '../deps.ts';
import { ACTION_PERMISSIONS } from './act.ts';
import { compilePattern } from './conditions.ts';
import { MAX_PATTERN_SIZE, patternSize } from './pattern-size.ts';

/**
 * Checks what a rule or macro names before it is kept.
 * @throws ValidationFailed naming each user, campaign, value or pattern that is none
 */
export async function checkActions(deps: Deps, tenantId: string, actions: readonly RuleAction[]): Promise<void> {
  const problems = await Promise.all(actions.map((action, i) => problemsOf(deps, tenantId, action, `actions.${i}`)));
  refuse(problems.flat());
}

async function problemsOf(deps: Deps, tenantId: string, action: RuleAction, path: string): Promise<FieldError[]> {
  switch (action.type) {
    case 'assign':
      return action.to === null || (await isThere(checkAssignable(deps, tenantId, action.to)))
        ? []
        : [{ field: `${path}.to`, message: FIELD_CODES.unknown_user, code: 'unknown_user' }];
    case 'transfer': {
      const [found] = await withTenant(deps.db, tenantId, (tx) => selectCampaign(tx, tenantId, action.campaign));
      const code = 'unknown_campaign';
      return found ? [] : [{ field: `${path}.campaign`, message: FIELD_CODES[code], code }];
    }
    case 'custom_field': {
      const fields = await withTenant(deps.db, tenantId, (tx) => selectFields(tx, tenantId));
      const wrong = customFieldErrors(fields, { [action.name]: action.value });
      return wrong.map((one) => ({ ...one, field: `${path}.value` }));
    }
    default:
      return [];
  }
}

async function isThere(check: Promise<void>): Promise<boolean> {
  try {
    await check;
    return true;
  } catch (error) {
    if (error instanceof AppError && error.code === 'not_found') return false;
    throw error;
  }
}

/**
 * A rule acts with no person behind it, so who writes it must hold what its actions take.
 * @throws Forbidden
 */
export function checkAllowed(caller: Caller, actions: readonly RuleAction[]): void {
  for (const { type } of actions) requirePermission(caller, ACTION_PERMISSIONS[type]);
}

/** @throws ValidationFailed naming each wrong or too large pattern, and values that are missing */
export function checkConditions(condition: RuleCondition | null): void {
  if (condition !== null) refuse(faultsOf(condition, 'conditions', { left: MAX_PATTERN_SIZE }));
}

/** @param room of all patterns of the rule together */
function faultsOf(condition: RuleCondition, path: string, room: { left: number }): FieldError[] {
  if ('conditions' in condition) {
    return condition.conditions.flatMap((one, i) => faultsOf(one, `${path}.conditions.${i}`, room));
  }
  const field = `${path}.value`;
  if (condition.type === 'text' && condition.op === 'matches') {
    room.left -= patternSize(condition.value);
    if (room.left < 0) return [{ field, message: FIELD_CODES.pattern_size, code: 'pattern_size' }];
    return isPattern(condition.value) ? [] : [{ field, message: FIELD_CODES.pattern, code: 'pattern' }];
  }
  const isOfField = condition.type === 'contact' || condition.type === 'custom_field';
  if (isOfField && condition.value === null && !condition.op.startsWith('is_')) {
    return [{ field, message: FIELD_CODES.required, code: 'required' }];
  }
  return [];
}

function isPattern(pattern: string): boolean {
  try {
    compilePattern(pattern);
    return true;
  } catch {
    return false;
  }
}

/** @throws ValidationFailed for a time where none is meant, or none where one is */
export function checkTiming({ event, afterSeconds }: { event: string; afterSeconds: number | null }): void {
  const code = event === 'customer.waiting' ? 'required' : 'only_waiting';
  if ((event === 'customer.waiting') === (afterSeconds !== null)) return;
  refuse([{ field: 'afterSeconds', message: FIELD_CODES[code], code }]);
}

function refuse(problems: readonly FieldError[]): void {
  if (problems.length > 0) throw new ValidationFailed([...problems]);
}
