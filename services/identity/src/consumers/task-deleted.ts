import { taskDeleted } from '@recado/contracts';
import { consume } from '@recado/service';
import type { Deps } from '../deps.ts';
import { eraseNotifications } from '../notifications/store.ts';

/** A task that is gone takes its title along: notifications of it hold no words any more. */
export const consumeTaskDeleted = (deps: Deps) =>
  consume(deps, {
    event: taskDeleted,
    dedupe: 'handler',
    handle: async (tx, events) => {
      await eraseNotifications(
        tx,
        'task',
        events.map(({ tenantId, data }) => ({ tenantId, id: data.taskId })),
      );
    },
  });
