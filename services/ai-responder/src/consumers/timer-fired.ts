import { timerFired } from '@recado/contracts';
import { consume } from '@recado/service';
import type { Deps } from '../deps.ts';
import { makeRepliesDue } from '../replies/make-due.ts';

export const consumeTimerFired = (deps: Deps) =>
  consume(deps, { event: timerFired, dedupe: 'handler', handle: makeRepliesDue });
