import { AUDIT_EVENTS } from '@recado/contracts';
import { consume } from '@recado/service';
import { recordAudit } from '../audit/record.ts';
import type { Deps } from '../deps.ts';

/** Records the audit events of every service: the same event on six streams. */
export const consumeAuditRecorded = (deps: Deps) =>
  AUDIT_EVENTS.map((event) =>
    consume(deps, {
      event,
      // Else all six had the same name, and with it each other's dead letters.
      name: `analytics-${event.service}-audit`,
      // The primary key absorbs repeats for as long as the line is kept.
      dedupe: 'handler',
      handle: recordAudit,
    }),
  );
