import { isDeepStrictEqual } from 'node:util';
import { type AuditOrigin, changesBetween, type connectorApi, type RouteInput, type Template } from '@recado/contracts';
import { withTenant } from '@recado/database';
import { enqueue } from '@recado/messaging';
import { Conflict, ValidationFailed } from '@recado/service-kit';
import type { Deps } from '../deps.ts';
import { type OpenAccount, openAccountOfTemplate } from './accounts/owner.ts';
import { differences, type TemplateState } from './definition/change-rules.ts';
import { checkDefinition } from './definition/definition-rules.ts';
import { bringExamples, type CheckedExamples, checkExamples } from './definition/examples.ts';
import { findTemplate, getTemplate } from './list.ts';
import { readSoon, settleCall, submitDraft } from './provider-calls.ts';
import { lockTemplate, type TemplateRow, updateTemplateRow } from './store.ts';
import { changedEvent, chosen, templateAudit, viewTemplate } from './views.ts';

type Input = RouteInput<(typeof connectorApi)['updateTemplate']>['body'];

/** Those that the provider lets be changed. */
const EDITABLE: readonly Template['status'][] = ['approved', 'rejected', 'paused'];

/**
 * Changes a template: a draft here, another one at the provider, which reviews it again.
 * @throws NotFound; ValidationFailed; Conflict while it is under review; as toAppError
 */
export async function updateTemplate(deps: Deps, origin: AuditOrigin, id: string, input: Input): Promise<Template> {
  const { tenantId } = origin;
  const before = await findTemplate(deps.db, tenantId, id);
  const wanted = { ...before, ...definedOf(input) };
  const errors = checkDefinition(wanted);
  if (errors.length > 0) throw new ValidationFailed(errors);
  // The order of keys is Postgres' own.
  if (isDeepStrictEqual(chosen(before), chosen(wanted))) return viewTemplate(before);
  const examples = await checkExamples(deps, tenantId, before.provider, wanted.components);
  const edited = before.status === 'draft' ? null : await editAtProvider(deps, before, wanted, examples);
  // Approved ones stay so until the new review; rejected ones wait for it.
  const status = before.status === 'rejected' ? 'pending' : before.status;
  // Of the provider's changes only.
  const previousCategory = wanted.category === before.category ? before.previousCategory : null;
  const components = edited?.components ?? wanted.components;
  const state = { ...wanted, components, status, reason: null, previousCategory };
  const row = await write(deps, origin, before, state, 'update');
  if (edited) await readSoon(deps, edited.account);
  return viewTemplate(row);
}

async function editAtProvider(
  deps: Deps,
  before: TemplateRow,
  wanted: TemplateRow,
  examples: CheckedExamples,
): Promise<{ account: OpenAccount; components: TemplateRow['components'] }> {
  if (!EDITABLE.includes(before.status)) throw new Conflict(`A template that is ${before.status} stays`, 'template');
  const account = await openAccountOfTemplate(deps, before);
  const components = await bringExamples(deps, account, examples, wanted.components);
  const { category } = wanted;
  const change = { ...(category !== before.category && { category }), components };
  await settleCall(deps, account, await account.templates.edit(account.owner, before.providerTemplateId!, change));
  return { account, components };
}

/**
 * Submits a draft for review.
 * @throws NotFound; Conflict for one that is submitted; ValidationFailed; as toAppError
 */
export async function submitTemplate(deps: Deps, origin: AuditOrigin, id: string): Promise<Template> {
  const { tenantId } = origin;
  const before = await findTemplate(deps.db, tenantId, id);
  if (before.status !== 'draft') throw new Conflict('Only a draft is submitted', 'template');
  const errors = checkDefinition(before);
  if (errors.length > 0) throw new ValidationFailed(errors);
  const examples = await checkExamples(deps, tenantId, before.provider, before.components);
  const account = await openAccountOfTemplate(deps, before);
  const components = await bringExamples(deps, account, examples, before.components);
  const submitted = await submitDraft(deps, account, { ...before, components });
  const { id: providerTemplateId, status, category } = submitted;
  const previousCategory = category === before.category ? null : before.category;
  const state = { ...before, components, providerTemplateId, status, category, previousCategory };
  await write(deps, origin, before, state, 'submit');
  return getTemplate(deps.db, tenantId, id);
}

/** Writes the new state with its event and audit line; what changed in between wins. */
async function write(
  deps: Deps,
  origin: AuditOrigin,
  before: TemplateRow,
  state: TemplateState,
  verb: 'update' | 'submit',
): Promise<TemplateRow> {
  return withTenant(deps.db, origin.tenantId, async (tx) => {
    const row = await lockTemplate(tx, origin.tenantId, before.id);
    const now = deps.now();
    // A webhook that came first is newer than the answer.
    const told = row.updatedAt > before.updatedAt;
    const { category, components } = state;
    const next = !told ? state : verb === 'update' ? { ...row, category, components } : row;
    const after = await updateTemplateRow(tx, row, next, verb === 'submit' ? { syncedAt: now } : {});
    const changes = changesBetween(
      { ...chosen(before), status: before.status },
      { ...chosen(after), status: after.status },
    );
    await enqueue(tx, [
      changedEvent(after, differences(before, after), now, origin.traceparent),
      templateAudit(verb, row.id, changes, origin, now),
    ]);
    return after;
  });
}

const definedOf = ({ category, components }: Input) => ({
  ...(category && { category }),
  ...(components && { components }),
});
