import { channelStatus } from '@recado/contracts';
import { consume } from '@recado/service';
import type { Deps } from '../deps.ts';
import { tellChannels } from '../notifications/tell-channels.ts';

/** What it tells depends on what came before, so each event counts once. */
export const consumeChannelStatus = (deps: Deps) =>
  consume(deps, { event: channelStatus, dedupe: 'inbox', handle: tellChannels });
