import { messageCreated, tenantCreated, tenantUpdated, timerFired } from '@recado/contracts';
import { saveTenants } from '@recado/database';
import { type Bus, type EventConsumer, startConsumer } from '@recado/messaging';
import type { Registry } from '@recado/service-kit';
import type { Deps } from '../deps.ts';
import { orderReplies } from './message-created.ts';
import { wakeReplies } from './timer-fired.ts';

type Heard = Pick<Deps, 'workerDb' | 'policies' | 'log' | 'now'> & {
  config: Pick<Deps['config'], 'RECADO_DEFAULT_TIMEZONE'>;
};

/** Everything ai-responder hears. The replies' own key absorbs repeats, so the inbox is not written for every message of every tenant. */
export function startConsumers(
  deps: Heard,
  { bus, registry, kickWorker }: { bus: Bus; registry: Registry; kickWorker: () => void },
): EventConsumer[] {
  const shared = {
    bus,
    db: deps.workerDb.sql,
    service: 'ai-responder',
    dedupe: 'handler',
    log: deps.log,
    registry,
  } as const;
  const { policies } = deps;
  const zone = deps.config.RECADO_DEFAULT_TIMEZONE;
  return [
    startConsumer({
      ...shared,
      event: messageCreated,
      ignores: policies.isOff,
      handle: (tx, events) => orderReplies(tx, events, { policies, now: deps.now(), zone }),
    }),
    startConsumer({
      ...shared,
      event: timerFired,
      handle: wakeReplies,
      afterCommit: kickWorker,
    }),
    ...[tenantCreated, tenantUpdated].map((event) =>
      startConsumer({
        ...shared,
        event,
        handle: (tx, events) =>
          saveTenants(
            tx,
            events.map(({ tenantId, data, envelope }) => ({
              tenantId,
              plan: data.plan,
              timezone: data.timezone,
              country: data.country ?? null,
              changedAt: envelope.time,
            })),
          ),
      }),
    ),
  ];
}
