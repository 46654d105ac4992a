import { withWorker } from '@recado/database';
import type { Deps } from '../deps.ts';
import type { Outcome } from '../providers/provider.ts';
import type { Submitted, TemplateDraft } from '../providers/templates.ts';
import type { OpenAccount } from './accounts/owner.ts';
import { enqueueReading } from './order.ts';
import { type Failure, toAppError } from './sent/refusals.ts';

type CallDeps = Pick<Deps, 'workerDb' | 'now' | 'log'>;

/** Submits a draft for review. @throws as toAppError */
export async function submitDraft(
  deps: CallDeps,
  account: OpenAccount,
  { name, language, category, parameterFormat, components }: TemplateDraft,
): Promise<Submitted> {
  const draft = { name, language, category, parameterFormat, components };
  return settleCall(deps, account, await account.templates.create(account.owner, draft));
}

/** What the provider answered. What it has now is read again when that may differ from ours. */
export async function settleCall<T>(deps: CallDeps, account: OpenAccount, outcome: Outcome<T>): Promise<T> {
  if (outcome.kind === 'ok') return outcome.value;
  if (mayDiffer(account, outcome)) await readSoon(deps, account);
  throw toAppError(account.provider, outcome);
}

/** The call may have been carried out, or what it is about is there already. */
const mayDiffer = ({ templates }: OpenAccount, failure: Failure): boolean =>
  failure.kind === 'lost' || (failure.kind === 'refused' && templates.problemOf(failure.refusal) === 'taken');

export async function readSoon({ workerDb, now }: CallDeps, { key, channelId }: OpenAccount): Promise<void> {
  await withWorker(workerDb, (tx) => enqueueReading(tx, key.tenantId, channelId, now()));
}
