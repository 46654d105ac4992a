import type { EventContract } from '@recado/contracts';
import { type ConsumerDefinition, type EventConsumer, startConsumer } from '@recado/messaging';
import type { BaseDeps } from './define-service.ts';

/** Starts a consumer of the service, on its bus and under its worker role. */
export function consume<D extends EventContract['data']>(
  { service, bus, workerDb, log, registry, eventPausesMs: pausesMs }: BaseDeps,
  definition: ConsumerDefinition<D>,
): EventConsumer {
  return startConsumer({ service, bus, db: workerDb.sql, log, registry, ...(pausesMs && { pausesMs }), ...definition });
}
