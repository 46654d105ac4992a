import { messageCreated, timerFired } from '@recado/contracts';
import { type EventConsumer, startConsumer } from '@recado/messaging';
import { followTenants } from '@recado/service';
import type { Deps } from '../deps.ts';
import { orderReplies } from './message-created.ts';
import { wakeReplies } from './timer-fired.ts';

/**
 * Starts what ai-responder consumes. The replies' own key absorbs repeats, so no inbox is written
 * for every message.
 */
export function startConsumers(deps: Deps): EventConsumer[] {
  const { policies, config, bus, workerDb, log, registry } = deps;
  const shared = { bus, db: workerDb.sql, service: 'ai-responder', dedupe: 'handler', log, registry } as const;
  const zone = config.RECADO_DEFAULT_TIMEZONE;
  return [
    startConsumer({
      ...shared,
      event: messageCreated,
      ignores: policies.isOff,
      handle: (tx, events) => orderReplies(tx, events, { policies, now: deps.now(), zone }),
    }),
    startConsumer({ ...shared, event: timerFired, handle: wakeReplies }),
    ...followTenants(deps),
  ];
}
