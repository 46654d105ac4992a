import { messageUpdated } from '@recado/contracts';
import { recordCounts } from '../counts/record.ts';
import { countUpdated } from '../counts/rules.ts';
import type { Deps } from '../deps.ts';
import { consumeToCount } from './count.ts';

export const consumeMessageUpdated = (deps: Deps) =>
  consumeToCount(deps, {
    event: messageUpdated,
    handle: (tx, events) =>
      recordCounts(
        tx,
        events.flatMap(({ tenantId, data }) => countUpdated(tenantId, data)),
        deps.config.RECADO_DEFAULT_TIMEZONE,
      ),
  });
