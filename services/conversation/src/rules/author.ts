import { type ActionResult, type AuditOrigin, buildAudit, conversationAudit } from '@recado/contracts';
import { withTenant } from '@recado/database';
import { enqueue } from '@recado/messaging';
import { AppError } from '@recado/service-kit';
import type { Deps } from '../deps.ts';
import { lockRule, patchRule, type RuleRow } from './store.ts';
import { settingsOf } from './views.ts';

/**
 * Whether the API key that wrote a rule last counts no more. A user's rule belongs to the company.
 * @throws Unavailable when identity can't be asked
 */
export async function isOfEndedKey(
  { askKeyPermissions }: Pick<Deps, 'askKeyPermissions'>,
  { tenantId, authorKeyId }: RuleRow,
): Promise<boolean> {
  if (authorKeyId === null) return false;
  try {
    await askKeyPermissions(tenantId, authorKeyId);
    return false;
  } catch (error) {
    if (error instanceof AppError && error.code === 'not_found') return true;
    throw error;
  }
}

/** Switches off a rule whose key ended. Returns what the log shows. */
export async function switchOff({ db }: Pick<Deps, 'db'>, rule: RuleRow, origin: AuditOrigin): Promise<ActionResult[]> {
  const { tenantId, id, authorKeyId } = rule;
  await withTenant(db, tenantId, async (tx) => {
    const before = await lockRule(tx, tenantId, id);
    if (!before.enabled || before.authorKeyId !== authorKeyId) return;
    await patchRule(tx, before, { ...settingsOf(before), enabled: false });
    const changes = { enabled: { from: true, to: false } };
    await enqueue(tx, [
      buildAudit(conversationAudit, origin, { action: 'rule.update', entityType: 'rule', entityId: id, changes }),
    ]);
  });
  const error = { code: 'author_gone', message: 'The API key that wrote this rule ended' };
  return rule.actions.slice(0, 1).map(({ type }) => ({ type, status: 'failed', error }));
}
