import { uuidv7 } from '@recado/contracts';
import type { Tx } from '@recado/database';
import { enqueueJob } from '@recado/jobs';
import { backfillJob } from './job.ts';
import { SEGMENT_SIZE, segmentsOf, wordsOf } from './segment.ts';
import { insertBackfill, insertSegments, lockHolding, lockOpen, selectIndexed, setOpen, setWords } from './store.ts';

/** A message that was stored. */
export interface Collected {
  tenantId: string;
  id: string;
}

/**
 * Takes stored messages into the index. A repeat finds its id, or is found twice and shown once.
 * The words of a segment are written when it is full. Worker role.
 */
export async function collectMessages(tx: Tx, messages: readonly Collected[]): Promise<void> {
  const tenants = [...Map.groupBy(messages, ({ tenantId }) => tenantId)].sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [tenantId, stored] of tenants)
    await collectOf(
      tx,
      tenantId,
      stored.map(({ id }) => id),
    );
}

async function collectOf(tx: Tx, tenantId: string, ids: readonly string[]): Promise<void> {
  const open = await lockOpen(tx, tenantId, uuidv7());
  const all = [...new Set([...open.messageIds, ...ids])];
  // Before its first message was collected, the tenant may have had others.
  if (open.messageIds.length === 0) await orderBackfill(tx, tenantId, ids.toSorted()[0]!);
  if (all.length < SEGMENT_SIZE) {
    if (all.length > open.messageIds.length) await setOpen(tx, tenantId, open.id, all);
    return;
  }
  const full = all.length - (all.length % SEGMENT_SIZE);
  await setOpen(tx, tenantId, open.id, all.slice(full));
  const segments = segmentsOf(tenantId, await selectIndexed(tx, tenantId, all.slice(0, full)));
  await insertSegments(
    tx,
    tenantId,
    segments.map((segment) => ({ ...segment, id: uuidv7() })),
  );
}

/** Has the messages before an id read into the index, once for a tenant. */
export async function orderBackfill(tx: Tx, tenantId: string, beforeId: string): Promise<void> {
  if (!(await insertBackfill(tx, tenantId, beforeId))) return;
  await enqueueJob(tx, backfillJob, tenantId, {}, { key: tenantId });
}

/**
 * Reads changed messages again, in the transaction of the change: words that are gone leave the
 * index with it.
 */
export async function recollectMessages(
  tx: Tx,
  changed: readonly { tenantId: string; id: string; sentTime: Date }[],
): Promise<void> {
  for (const [tenantId, of] of Map.groupBy(changed, (one) => one.tenantId)) {
    const times = of.map(({ sentTime }) => sentTime.getTime());
    const ids = of.map(({ id }) => id);
    const [from, to] = [new Date(Math.min(...times)), new Date(Math.max(...times))];
    for (const { id, messageIds } of await lockHolding(tx, tenantId, ids, from, to)) {
      const contents = new Map((await selectIndexed(tx, tenantId, messageIds)).map((one) => [one.id, one]));
      // Each message keeps its place, also one that has no words any more.
      const all = messageIds.map((messageId) => contents.get(messageId) ?? { content: '' });
      await setWords(tx, tenantId, id, wordsOf(tenantId, all));
    }
  }
}
