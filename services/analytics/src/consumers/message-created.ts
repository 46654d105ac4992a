import { recordCounts } from '../counts/record.ts';
import { countCreated, messageToCount } from '../counts/rules.ts';
import type { Deps } from '../deps.ts';
import { consumeToCount } from './count.ts';

export const consumeMessageCreated = (deps: Deps) =>
  consumeToCount(deps, {
    event: messageToCount,
    handle: (tx, events) =>
      recordCounts(
        tx,
        events.flatMap(({ tenantId, data }) => countCreated(tenantId, data)),
        deps.config.RECADO_DEFAULT_TIMEZONE,
      ),
  });
