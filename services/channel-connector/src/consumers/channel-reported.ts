import { channelReported } from '@recado/contracts';
import { consume } from '@recado/service';
import { applyReports } from '../channels/checks/apply-reports.ts';
import type { Deps } from '../deps.ts';

/** Keeps what providers told of numbers. It goes through the stream, so a crash loses none. */
export const consumeChannelReported = (deps: Deps) =>
  consume(deps, {
    event: channelReported,
    dedupe: 'handler',
    handle: (tx, events) => applyReports(tx, deps, events),
  });
