import {
  type AuditOrigin,
  changesBetween,
  type connectorApi,
  type RouteInput,
  type Template,
  uuidv7,
} from '@recado/contracts';
import { findAnswer, once, type Tx, withTenant } from '@recado/database';
import { enqueue } from '@recado/messaging';
import { Conflict, ValidationFailed } from '@recado/service-kit';
import { findOwn } from '../channels/answer.ts';
import type { Deps } from '../deps.ts';
import type { Submitted } from '../providers/templates.ts';
import { type OpenAccount, openAccountOf } from './accounts/owner.ts';
import { checkDefinition } from './definition/definition-rules.ts';
import { bringExamples, checkExamples } from './definition/examples.ts';
import { getTemplate } from './list.ts';
import { submitDraft } from './provider-calls.ts';
import { insertTemplate } from './store.ts';
import { changedEvent, chosen, templateAudit, viewTemplate } from './views.ts';

type Input = RouteInput<(typeof connectorApi)['createTemplate']>['body'];

/**
 * Creates a template at the provider, or a draft here. The provider comes first, as it keeps names
 * unique: what a killed process leaves there comes with the next reading.
 * @throws NotFound, ValidationFailed, Conflict; as toAppError
 */
export async function createTemplate(deps: Deps, origin: AuditOrigin, input: Input): Promise<Template> {
  const { tenantId } = origin;
  const answered = await findAnswer<{ id: string }>(deps.db, tenantId, origin.callKey);
  if (answered) return getTemplate(deps.db, tenantId, answered.id);
  const channel = await findOwn(deps, tenantId, input.channelId);
  const errors = checkDefinition(input);
  if (errors.length > 0) throw new ValidationFailed(errors);
  const examples = await checkExamples(deps, tenantId, channel.provider, input.components);
  const account = await openAccountOf(deps, tenantId, input.channelId);
  // A draft keeps naming its files.
  const components = input.submit ? await bringExamples(deps, account, examples, input.components) : input.components;
  const submitted = input.submit ? await submitDraft(deps, account, { ...input, components }) : null;
  const { id } = await withTenant(deps.db, tenantId, (tx) =>
    once(tx, tenantId, origin.callKey, () => insert(deps, tx, origin, account, { ...input, components }, submitted)),
  );
  return getTemplate(deps.db, tenantId, id);
}

async function insert(
  deps: Deps,
  tx: Tx,
  origin: AuditOrigin,
  { key }: OpenAccount,
  input: Input,
  submitted: Submitted | null,
): Promise<{ id: string }> {
  const { name, language, parameterFormat, components } = input;
  const now = deps.now();
  const row = await insertTemplate(tx, {
    ...key,
    id: uuidv7(),
    name,
    language,
    providerTemplateId: submitted?.id ?? null,
    category: submitted?.category ?? input.category,
    previousCategory: submitted && submitted.category !== input.category ? input.category : null,
    nextCategory: null,
    status: submitted?.status ?? 'draft',
    reason: null,
    quality: 'unknown',
    parameterFormat,
    components,
    syncedAt: submitted ? now : null,
  });
  if (!row) throw new Conflict('The account has a template of this name in this language', 'template');
  await enqueue(tx, [
    changedEvent(row, ['created'], now, origin.traceparent),
    templateAudit('create', row.id, changesBetween(null, chosen(row)), origin, now),
  ]);
  return { id: viewTemplate(row).id };
}
