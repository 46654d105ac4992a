import type { EventContract, ServiceName, timerCancelData } from '@recado/contracts';
import { consume } from '@recado/service';
import type { Deps } from '../deps.ts';
import { applyTimerWords } from '../timers/apply.ts';
import { cancelWord } from '../timers/rules.ts';

export const consumeTimerCancelled = (deps: Deps, owner: ServiceName, event: EventContract<typeof timerCancelData>) =>
  consume(deps, {
    event,
    dedupe: 'handler',
    batch: 512,
    handle: (tx, events) =>
      applyTimerWords(
        tx,
        events.map((one) => cancelWord(owner, one)),
      ),
  });
