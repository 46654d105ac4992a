import { type EventData, userCreated, userDeleted, userUpdated } from '@recado/contracts';
import { type LearnedUser, saveUsers, type Tx } from '@recado/database';
import type { Delivered, EventConsumer } from '@recado/messaging';
import { consume } from './consume.ts';
import type { BaseDeps } from './define-service.ts';

const USER_EVENTS = [userCreated, userUpdated, userDeleted] as const;
export type UserEvent = Delivered<EventData<typeof userCreated>>;

/**
 * identity's user events → the service's table of known users (`usersTable()`). The latest event
 * wins, in any order. The durables stand in messaging's DURABLES.
 * @param also for a service that keeps more of them
 */
export function followUsers(
  deps: BaseDeps,
  also?: (tx: Tx, events: readonly UserEvent[], removed: boolean) => Promise<void>,
): EventConsumer[] {
  return USER_EVENTS.map((event) => {
    const removed = event === userDeleted;
    return consume(deps, {
      event,
      dedupe: 'handler',
      async handle(tx, events) {
        await saveUsers(
          tx,
          events.map((one) => toKnownUser(one, removed)),
        );
        await also?.(tx, events, removed);
      },
    });
  });
}

/** What an event says of its user. One who was removed keeps no status of before. */
export function toKnownUser({ tenantId, id, data, envelope }: UserEvent, removed: boolean): LearnedUser {
  return {
    tenantId,
    id: data.userId,
    role: data.role,
    status: removed ? 'removed' : data.status,
    changedAt: envelope.time,
    changeId: id,
  };
}
