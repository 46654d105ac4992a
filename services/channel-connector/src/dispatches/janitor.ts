import { withWorker } from '@recado/database';
import { type Loop, startLoop } from '@recado/loops';
import { enqueue } from '@recado/messaging';
import { fillDigests } from '../channels/numbers/verify-token.ts';
import type { Deps } from '../deps.ts';
import { orderDueHistory } from '../history/order.ts';
import { orderDueReadings } from '../templates/order.ts';
import { dispatchStatusEvent, uncertainEvent } from './events.ts';
import { sweepOpenings } from './limits/messaging-limit.ts';
import { UNCERTAIN } from './rules.ts';
import { insertAttempts } from './sending/attempts.ts';
import { countUncertain, expireLeases, failUncertain } from './store.ts';

type JanitorDeps = Pick<
  Deps,
  'config' | 'workerDb' | 'sealer' | 'providers' | 'log' | 'now' | 'metrics' | 'check' | 'sender'
>;

const AT_ONCE = 500;

/**
 * At the start and every RECADO_SWEEP_MS: sends of dead processes become uncertain, old uncertain
 * ones fail visibly, and failing channels are checked. Any number of copies may run it.
 */
export function startJanitor(deps: JanitorDeps): Loop {
  const { config, workerDb, log, metrics, sender } = deps;
  async function expire(): Promise<void> {
    const rows = await withWorker(workerDb, async (tx) => {
      const expired = await expireLeases(tx, AT_ONCE);
      const endedAt = deps.now();
      await insertAttempts(
        tx,
        expired.map(({ channelId: _, attempts: attempt, ...row }) => ({
          ...row,
          attempt,
          result: 'uncertain' as const,
          providerMessageId: null,
          startedAt: null,
          endedAt,
        })),
      );
      await enqueue(
        tx,
        expired.map((row) => uncertainEvent(row, deps.now(), config.RECADO_UNCERTAIN_AFTER_MS)),
      );
      return expired;
    });
    if (rows.length === 0) return;
    log.warn({ messages: rows.map((row) => row.messageId) }, 'sends of a lost process are uncertain');
    for (const row of rows) sender.wake(row);
  }

  async function fail(): Promise<void> {
    const rows = await withWorker(workerDb, async (tx) => {
      const failed = await failUncertain(tx, config.RECADO_UNCERTAIN_AFTER_MS, UNCERTAIN, AT_ONCE);
      const at = deps.now();
      await enqueue(
        tx,
        failed.map((row) => dispatchStatusEvent(row, 'failed', row.providerMessageId, UNCERTAIN, at)),
      );
      return failed;
    });
    if (rows.length === 0) return;
    log.warn(
      { messages: rows.map((row) => row.messageId) },
      'uncertain messages were never confirmed and count as failed',
    );
  }

  return startLoop({
    log,
    failure: 'sweep: trying again',
    failurePauseMs: config.RECADO_SWEEP_MS,
    async round() {
      await expire();
      await fail();
      const [row] = await countUncertain(workerDb.sql);
      metrics.uncertain.set(row!.count);
      await deps.check.checkDue();
      await sweepOpenings(deps);
      await fillDigests(deps);
      await orderDueReadings(deps);
      await orderDueHistory(deps);
      return config.RECADO_SWEEP_MS;
    },
  });
}
