import { filesErased } from '@recado/contracts';
import { consume } from '@recado/service';
import { eraseValues } from '../audit/store.ts';
import type { Deps } from '../deps.ts';

/** The name of an erased file may name a person. */
export const consumeFilesErased = (deps: Deps) =>
  consume(deps, {
    event: filesErased,
    dedupe: 'handler',
    handle: async (tx, events) => {
      for (const { tenantId, data } of events) await eraseValues(tx, tenantId, data.fileIds);
    },
  });
