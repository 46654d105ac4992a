import { fileErased } from '@recado/contracts';
import { consume } from '@recado/service';
import type { Deps } from '../deps.ts';
import { applyErased } from '../files/apply.ts';

/** Leaves a trace of an erased file on the messages that took it out. */
export const consumeFileErased = (deps: Deps) =>
  consume(deps, {
    event: fileErased,
    dedupe: 'handler',
    handle: (tx, events) =>
      applyErased(
        tx,
        events.flatMap(({ tenantId, data }) => data.fileIds.map((fileId) => ({ tenantId, fileId }))),
      ),
  });
