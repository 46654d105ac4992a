import { groupReported } from '@recado/contracts';
import { consume } from '@recado/service';
import { applyGroupReports } from '../contacts/groups.ts';
import type { Deps } from '../deps.ts';

export function consumeGroupReported(deps: Deps) {
  return consume(deps, {
    event: groupReported,
    dedupe: 'handler',
    handle: (tx, events) => applyGroupReports(tx, events, deps.now()),
  });
}
