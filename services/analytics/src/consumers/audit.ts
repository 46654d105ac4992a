import { AUDIT_EVENTS } from '@recado/contracts';
import { type EventConsumer, startConsumer } from '@recado/messaging';
import { recordAudit } from '../audit/record.ts';
import type { Deps } from '../deps.ts';

/** Records the audit events of every service: the same event on six streams. */
export function startAuditConsumers({ bus, workerDb, log, registry }: Deps): EventConsumer[] {
  return AUDIT_EVENTS.map((event) =>
    startConsumer({
      bus,
      db: workerDb.sql,
      service: 'analytics',
      event,
      // Else all six had the same name, and with it each other's dead letters.
      name: `analytics-${event.service}-audit`,
      // The primary key absorbs repeats for as long as the line is kept.
      dedupe: 'handler',
      log,
      registry,
      handle: recordAudit,
    }),
  );
}
