import type { Delivered } from '../types.ts';
import type { Context } from './context.ts';

/** Counts what a committed transaction handled. `taken`: its events that were new. */
export async function tellHandled(context: Context, taken: Delivered[], delivered: number): Promise<void> {
  const { counts, afterCommit, log, name } = context;
  counts.handled.inc(taken.length);
  if (taken.length < delivered) counts.skipped.inc(delivered - taken.length);
  if (!afterCommit || taken.length === 0) return;
  try {
    await afterCommit(taken);
  } catch (error) {
    log.error({ err: error, consumer: name }, 'consumer: afterCommit failed; the events stay handled');
  }
}

/** Tells of an event that failed so many times: it waits for its next try, or was parked. */
export function tellFailed(
  context: Context,
  one: Pick<Delivered, 'id' | 'tenantId'>,
  tries: number,
  error: unknown,
): void {
  const { counts, pausesMs, log, name } = context;
  const fields = { err: error, consumer: name, event: one.id, tenant: one.tenantId, tries };
  if (tries > pausesMs.length) {
    counts.parked.inc();
    log.error(fields, 'consumer: event parked as a dead letter');
  } else {
    log.warn(fields, 'consumer: event failed');
    context.onRetry(pausesMs[tries - 1]!);
  }
}
