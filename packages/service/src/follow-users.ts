import { userCreated, userDeleted, userUpdated } from '@recado/contracts';
import { saveUsers } from '@recado/database';
import type { EventConsumer } from '@recado/messaging';
import { consume } from './consume.ts';
import type { BaseDeps } from './define-service.ts';

/**
 * identity's user events → the service's table of known users (`usersTable()`). The latest event
 * wins, in any order. The durables stand in messaging's DURABLES.
 */
export function followUsers(deps: BaseDeps): EventConsumer[] {
  return [userCreated, userUpdated, userDeleted].map((event) =>
    consume(deps, {
      event,
      dedupe: 'handler',
      handle: (tx, events) =>
        saveUsers(
          tx,
          events.map(({ tenantId, id: changeId, data: { userId, role, status }, envelope }) => ({
            tenantId,
            id: userId,
            role,
            status: event === userDeleted ? 'removed' : status,
            changedAt: envelope.time,
            changeId,
          })),
        ),
    }),
  );
}
