import { finishJob, type RunningJob } from '@recado/jobs';
import type { Deps } from '../deps.ts';
import { RECEIPT_PAUSES_MS } from './job.ts';
import { decideReceipt, type ReceiptDecision, refuseReceipt } from './rules.ts';
import { endReceipt, findDue, type ReceiptRow } from './store.ts';

type ReceiptJob = RunningJob<{ conversationId: string; messageId: string }>;
export type ReceiptDeps = Pick<Deps, 'workerDb' | 'directory' | 'metrics' | 'now'>;

/**
 * Tells the provider of a message that was read. It may be told twice, which changes nothing there.
 * @throws when another try may help
 */
export async function sendReceipt(deps: ReceiptDeps, job: ReceiptJob): Promise<void> {
  const { conversationId, messageId } = job.data;
  const row = await findDue(deps.workerDb.sql, job.tenantId, conversationId, messageId);
  if (!row) {
    deps.metrics.receipts.inc({ result: 'superseded' });
    return;
  }
  const end = lastWord(await tell(deps, row), job.tries);
  await job.commit(async (tx) => {
    if (await finishJob(tx, job)) await endReceipt(tx, row, end);
  });
  deps.metrics.receipts.inc({ result: end.state });
}

async function tell({ directory, now }: ReceiptDeps, row: ReceiptRow): Promise<ReceiptDecision> {
  const channel = await directory.find(`id:${row.channelId}`);
  const refusal = refuseReceipt(channel, row, now());
  if (refusal) return refusal;
  const { provider } = channel!;
  return decideReceipt(await provider.markRead!(channel!, row), provider.errors);
}

/** The end of a receipt. One that never got through is no dead job: nothing is left to do. */
function lastWord(decision: ReceiptDecision, tries: number): Exclude<ReceiptDecision, { state: 'again' }> {
  if (decision.state !== 'again') return decision;
  if (tries < RECEIPT_PAUSES_MS.length) throw new Error(decision.reason);
  return { state: 'failed', code: 'unreachable', message: decision.reason };
}
