import { buildEvent, type ImportError, importFinished, importProgressed } from '@recado/contracts';
import { type Tx, withWorker } from '@recado/database';
import { finishJob, postponeJob, type RunningJob } from '@recado/jobs';
import { enqueue } from '@recado/messaging';
import { countryOf, phoneKey } from '@recado/service-kit/phone';
import { phoneIdentity } from '../contacts/book-store.ts';
import { type UpsertRow, upsertContacts } from '../contacts/upsert.ts';
import { selectFields } from '../custom-fields/store.ts';
import type { Deps } from '../deps.ts';
import { recallErased } from '../erasures/known-store.ts';
import { recordContactEvents } from '../timeline/record.ts';
import { collectGarbage } from './collect-garbage.ts';
import { importJob } from './job.ts';
import { type ReadRow, type RowContext, readRow } from './read-row.ts';
import type { FileRow } from './reading/limits.ts';
import {
  deleteChunks,
  findChunk,
  findOthers,
  findRunning,
  type ImportRow,
  insertErrors,
  lockImport,
  updateImport,
} from './store.ts';
import { importView } from './views.ts';

type Job = RunningJob<{ importId: string }>;
type RunDeps = Pick<Deps, 'workerDb' | 'tenants' | 'now' | 'log'>;
/** Until an import looks again whether the tenant's other one has ended. */
const TURN_MS = 1000;

/**
 * Imports the rows of one file, a chunk in each transaction, with its contacts, errors and counts.
 * After a kill another run goes on with the first chunk that is not committed.
 */
export async function runImport(deps: RunDeps, job: Job): Promise<void> {
  try {
    const row = await begin(deps, job);
    if (row) await readChunks(deps, job, row);
  } catch (error) {
    const isLast = !job.signal.aborted && job.tries >= importJob.retry.pausesMs.length;
    if (isLast) await job.commit((tx) => end(tx, deps, job, 'failed'));
    throw error;
  }
}

/** Marks the import as running. Null when it has ended, or another one of the tenant runs. */
function begin({ now }: RunDeps, job: Job): Promise<ImportRow | null> {
  const { tenantId } = job;
  return job.commit(async (tx) => {
    const row = await lockImport(tx, tenantId, null, job.data.importId);
    if (row.status === 'running') return row;
    if (row.status !== 'queued') {
      await finishJob(tx, job);
      return null;
    }
    // Of two that begin at once the index lets one in; the other's transaction is tried again.
    if (await findRunning(tx, tenantId)) {
      await postponeJob(tx, job, TURN_MS);
      return null;
    }
    const running = await updateImport(tx, row, { status: 'running', startedAt: now() });
    await enqueue(tx, [newsOf(running, job)]);
    return running;
  });
}

async function readChunks(deps: RunDeps, job: Job, row: ImportRow): Promise<void> {
  const { tenantId } = job;
  await deps.tenants.ensure(tenantId);
  const facts = (await withWorker(deps.workerDb, (tx) => deps.tenants.get(tx, [tenantId]))).get(tenantId)!;
  const defined = await withWorker(deps.workerDb, (tx) => selectFields(tx, tenantId));
  const fields = new Map(defined.map((one) => [one.key, one]));
  const context: RowContext = { mapping: row.mapping, country: countryOf(facts), timezone: facts.timezone, fields };
  for (let number = row.nextChunk; ; number++) {
    if (job.signal.aborted) throw job.signal.reason;
    const chunk = await withWorker(deps.workerDb, (tx) => findChunk(tx, row, number));
    const read = chunk?.map((one) => ({ ...one, read: readRow(one.cells, context) }));
    job.progress({ chunk: number });
    const goesOn = await job.commit(async (tx) => {
      if (read) return importChunk(tx, deps, job, number, read);
      // A chunk is gone after the last one, and also when another copy has imported it.
      const { status, nextChunk } = await lockImport(tx, tenantId, null, row.id);
      return status === 'running' && nextChunk > number ? true : end(tx, deps, job, 'done');
    });
    if (!goesOn) return;
    collectGarbage(number);
  }
}

type Row = FileRow & { read: ReadRow };

/** Imports one chunk. False when the import was cancelled, or another copy has it. */
async function importChunk(tx: Tx, { now }: RunDeps, job: Job, number: number, rows: readonly Row[]): Promise<boolean> {
  const { tenantId } = job;
  const before = await lockImport(tx, tenantId, null, job.data.importId);
  if (before.status !== 'running') {
    await finishJob(tx, job);
    return false;
  }
  // This one lost its lease while it waited: the other's chunk stands.
  if (before.nextChunk !== number) return before.nextChunk > number;
  const errors: ImportError[] = [];
  const contacts: { row: number; contact: UpsertRow }[] = [];
  const others = await othersOf(tx, before, rows);
  const erased = await erasedSince(tx, before, rows);
  for (const { row, read } of rows) {
    if ('errors' in read) errors.push(...read.errors.map((error) => ({ row, ...error })));
    else if (erased.has(read.contact.phone)) errors.push({ row, field: 'phone', code: 'contact_erased', params: null });
    else if (others.has(phoneKey(read.contact.phone)!))
      errors.push({ row, field: 'phone', code: 'phone_taken', params: null });
    else contacts.push({ row, contact: read.contact });
  }
  const { onDuplicate, createdBy } = before;
  const options = { onDuplicate, createdBy, now: now(), traceparent: job.traceparent ?? undefined };
  const results = await upsertContacts(
    tx,
    tenantId,
    contacts.map(({ contact }) => contact),
    options,
  );
  const written = results.filter(({ outcome }) => outcome !== 'skipped').map(({ contactId }) => contactId);
  await recordContactEvents(
    tx,
    [...new Set(written)].map((contactId) => ({
      ...{ tenantId, contactId, kind: 'contact.imported' as const, at: options.now, userId: createdBy },
      data: { importId: before.id },
    })),
  );
  const count = (outcome: string) => results.filter((one) => one.outcome === outcome).length;
  if (errors.length > 0) await insertErrors(tx, before, errors);
  const skipped = count('skipped');
  const after = await updateImport(tx, before, {
    nextChunk: number + 1,
    createdRows: before.createdRows + count('created'),
    updatedRows: before.updatedRows + count('updated'),
    unchangedRows: before.unchangedRows + (onDuplicate === 'update' ? skipped : 0),
    duplicateRows: before.duplicateRows + (onDuplicate === 'skip' ? skipped : 0),
    invalidRows: before.invalidRows + rows.length - contacts.length,
  });
  await deleteChunks(tx, before, number);
  await enqueue(tx, [newsOf(after, job)]);
  return true;
}

/** Phones whose contacts the importing person does not see, and so may not change. */
async function othersOf(tx: Tx, { tenantId, owner }: ImportRow, rows: readonly Row[]): Promise<Set<string>> {
  if (owner === null) return new Set();
  const keys = rows.flatMap(({ read }) => ('contact' in read ? [phoneKey(read.contact.phone)!] : []));
  return findOthers(tx, tenantId, owner, keys);
}

/** Phones whose contacts were erased after the file was uploaded. */
async function erasedSince(tx: Tx, { tenantId, createdAt }: ImportRow, rows: readonly Row[]): Promise<Set<string>> {
  const phones = rows.flatMap(({ read }) => ('contact' in read ? [read.contact.phone] : []));
  const found = await recallErased(
    tx,
    phones.map((phone) => phoneIdentity(tenantId, phone)),
  );
  return new Set(phones.filter((_, i) => (found[i]?.erasedAt ?? createdAt) > createdAt));
}

async function end(tx: Tx, { now }: RunDeps, job: Job, status: 'done' | 'failed'): Promise<false> {
  const row = await lockImport(tx, job.tenantId, null, job.data.importId);
  if (row.endedAt === null) {
    const ended = await updateImport(tx, row, { status, endedAt: now() });
    await deleteChunks(tx, row);
    const { tenantId, traceparent } = job;
    const about = { tenantId, subject: row.id, traceparent: traceparent ?? undefined };
    await enqueue(tx, [buildEvent(importFinished, { ...about, data: { import: importView(ended) } })]);
  }
  if (status === 'done') await finishJob(tx, job);
  return false;
}

const newsOf = (row: ImportRow, { tenantId, traceparent }: Job) =>
  buildEvent(importProgressed, {
    tenantId,
    subject: row.id,
    traceparent: traceparent ?? undefined,
    data: { import: importView(row) },
  });
