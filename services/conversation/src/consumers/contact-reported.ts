import { contactReported } from '@recado/contracts';
import { consume } from '@recado/service';
import { applyReports } from '../contacts/report.ts';
import type { Deps } from '../deps.ts';

export function consumeContactReported(deps: Deps) {
  return consume(deps, {
    event: contactReported,
    dedupe: 'handler',
    handle: (tx, events) => applyReports(tx, events, deps.now()),
  });
}
