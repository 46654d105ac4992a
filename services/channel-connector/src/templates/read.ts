import { uuidv7 } from '@recado/contracts';
import { type Tx, withWorker } from '@recado/database';
import { finishJob, type RunningJob } from '@recado/jobs';
import { enqueue, type OutgoingEvent } from '@recado/messaging';
import { openCredentials } from '../channels/credentials.ts';
import type { Deps } from '../deps.ts';
import type { Provider } from '../providers/provider.ts';
import type { ProviderTemplate } from '../providers/templates.ts';
import { noteReading, type OwnerRow, saveAccount, selectOwner } from './accounts/accounts.ts';
import { applyReading, differences, stateOf } from './definition/change-rules.ts';
import { templatesJob } from './job.ts';
import { describeFailure, type Failure } from './sent/refusals.ts';
import {
  type AccountKey,
  deleteUnlisted,
  insertTemplate,
  lockByNames,
  type TemplateRow,
  touchTemplates,
  updateTemplateRow,
} from './store.ts';
import { changedEvent, removedEvent } from './views.ts';

type ReadDeps = Pick<Deps, 'workerDb' | 'sealer' | 'providers' | 'log' | 'now'>;
type Job = RunningJob<{ channelId: string }>;

/** 50 a page: more than any account may have. */
const MAX_PAGES = 400;

/** A job's failure that another try may mend. */
class ReadingFailed extends Error {
  override readonly name = 'ReadingFailed';
}

/**
 * Reads all templates of a channel's account, page by page, and makes ours like them. What is gone
 * there goes here, once all pages were read. It may run twice.
 */
export async function readTemplates(deps: ReadDeps, job: Job): Promise<void> {
  const { workerDb } = deps;
  const [row] = await selectOwner(workerDb.sql, job.tenantId, job.data.channelId);
  const provider = row && deps.providers.get(row.provider);
  if (!row || !provider?.templates || row.providerId === null) return;
  const account = openCredentials(deps.sealer, provider, row.id, row.credentials);
  let { accountId } = row;
  if (accountId === null) {
    const found = await provider.templates.findAccount({ providerId: row.providerId, account });
    if (found.kind !== 'ok') return fail(deps, job, row, provider, found);
    accountId = found.value.accountId;
  }
  if (accountId === null) return unknownAccount(deps, row);
  const key: AccountKey = { tenantId: row.tenantId, provider: row.provider, accountId };
  const startedAt = deps.now();
  const isFirst = row.templatesReadAt === null;
  let after: string | null = null;
  for (let page = 0; page < MAX_PAGES; page++) {
    const outcome = await provider.templates.list({ accountId, account }, after);
    if (outcome.kind !== 'ok') return fail(deps, job, row, provider, outcome);
    // The token may read it: so the account is not only claimed.
    if (page === 0) await saveAccount(workerDb.sql, row.tenantId, row.id, accountId);
    await withWorker(workerDb, (tx) =>
      storePage(tx, { key, isFirst, startedAt, now: deps.now() }, outcome.value.items),
    );
    after = outcome.value.next;
    if (after === null) break;
    job.progress({ pages: page + 1 });
  }
  await job.commit(async (tx) => {
    if (!(await finishJob(tx, job))) return;
    const gone = after === null ? await deleteUnlisted(tx, key, startedAt) : [];
    await enqueue(
      tx,
      gone.map((one) => removedEvent(one, deps.now())),
    );
    await noteReading(tx, row, accountId, null);
  });
}

interface Reading {
  key: AccountKey;
  /** The first reading of a channel tells of no new templates: they are as old as the account. */
  isFirst: boolean;
  startedAt: Date;
  now: Date;
}

/** Makes our rows like a page of the provider's. */
async function storePage(tx: Tx, { key, isFirst, startedAt, now }: Reading, items: readonly ProviderTemplate[]) {
  const known = new Map<string, TemplateRow>();
  for (const row of await lockByNames(tx, key, [...new Set(items.map(({ name }) => name))])) {
    known.set(`${row.name} ${row.language}`, row);
  }
  const events: OutgoingEvent[] = [];
  const same: string[] = [];
  for (const item of items) {
    const row = known.get(`${item.name} ${item.language}`);
    const { name, language } = item;
    if (!row) {
      const made = await insertTemplate(tx, { ...key, id: uuidv7(), name, language, ...stateOf(item), syncedAt: now });
      if (made && !isFirst) events.push(changedEvent(made, ['created'], now));
      continue;
    }
    const after = applyReading(row, item, startedAt);
    const changed = differences(row, after);
    if (changed.length === 0 && row.providerTemplateId === after.providerTemplateId) same.push(row.id);
    else events.push(changedEvent(await updateTemplateRow(tx, row, after, { syncedAt: now }), changed, now));
  }
  await touchTemplates(tx, key.tenantId, same, now);
  await enqueue(tx, events);
}

/** Notes why reading failed. It is tried again only while that may help: no job stays dead. */
async function fail({ workerDb, log }: ReadDeps, job: Job, row: OwnerRow, provider: Provider, failure: Failure) {
  const reason = describeFailure(provider, failure);
  await noteReading(workerDb.sql, row, row.accountId, reason);
  log.warn({ tenantId: row.tenantId, channelId: row.id, reason }, "a channel's templates could not be read");
  const final = failure.kind === 'refused' && failure.refusal.otherwise !== 'retry';
  if (!final && job.tries < templatesJob.retry.pausesMs.length) throw new ReadingFailed(reason);
}

async function unknownAccount({ workerDb }: ReadDeps, row: OwnerRow): Promise<void> {
  await noteReading(workerDb.sql, row, null, 'The account of this number is not known: name it in its credentials');
}
