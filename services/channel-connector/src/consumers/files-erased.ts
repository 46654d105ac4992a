import { filesErased } from '@recado/contracts';
import { consume } from '@recado/service';
import type { Deps } from '../deps.ts';
import { orderErasure } from '../files/erase.ts';

/** Repeats find no rows any more. */
export const consumeFilesErased = (deps: Deps) =>
  consume(deps, {
    event: filesErased,
    dedupe: 'handler',
    handle: async (tx, events) => {
      for (const { tenantId, data } of events) await orderErasure(tx, tenantId, data.fileIds);
    },
  });
