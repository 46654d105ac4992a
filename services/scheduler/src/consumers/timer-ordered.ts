import type { EventContract, ServiceName, timerOrderData } from '@recado/contracts';
import { consume } from '@recado/service';
import type { Deps } from '../deps.ts';
import { applyTimerWords } from '../timers/apply.ts';
import { orderWord } from '../timers/rules.ts';

export const consumeTimerOrdered = (deps: Deps, owner: ServiceName, event: EventContract<typeof timerOrderData>) =>
  consume(deps, {
    event,
    dedupe: 'handler',
    batch: 512,
    handle: (tx, events) =>
      applyTimerWords(
        tx,
        events.map((one) => orderWord(owner, one)),
      ),
    // One of them may be due before what the loop waits for.
    afterCommit: deps.timers.wake,
  });
