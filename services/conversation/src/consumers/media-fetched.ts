import { mediaFetched } from '@recado/contracts';
import { consume } from '@recado/service';
import type { Deps } from '../deps.ts';
import { applyFiles } from '../files/apply.ts';

/** Shows the files of messages once they are here, or why they are not. */
export const consumeMediaFetched = (deps: Deps) =>
  consume(deps, {
    event: mediaFetched,
    dedupe: 'handler',
    handle: (tx, events) =>
      applyFiles(
        tx,
        events.map(({ tenantId, data: { channelId, providerMessageId, file } }) => ({
          tenantId,
          channelId,
          providerMessageId,
          file,
        })),
      ),
  });
