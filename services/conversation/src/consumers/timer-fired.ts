import { timerFired } from '@recado/contracts';
import { consume } from '@recado/service';
import { wakeDue } from '../conversations/wake.ts';
import type { Deps } from '../deps.ts';
import { wakeRouting } from '../routing/wake.ts';
import { orderScheduled } from '../scheduled/due.ts';
import { wakeClocks } from '../sla/wake.ts';
import { askDueSurveys } from '../surveys/schedule.ts';
import { tellDueTasks } from '../tasks/due.ts';

/** What this service is woken for. Each part takes the timers of its own keys. */
export const consumeTimerFired = (deps: Deps) =>
  consume(deps, {
    event: timerFired,
    dedupe: 'handler',
    handle: async (tx, events) => {
      await tellDueTasks(tx, deps, events);
      // Before routing: that is the order of their locks.
      await wakeClocks(tx, deps, events);
      await wakeRouting(tx, deps, events);
      await askDueSurveys(tx, events);
      await wakeDue(tx, events);
      await orderScheduled(tx, events);
    },
  });
