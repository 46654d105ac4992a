import {
  type AuditOrigin,
  buildAudit,
  buildEvent,
  changesBetween,
  type conversationApi,
  conversationAudit,
  type Group,
  groupCreated,
  type RouteInput,
  uuidv7,
} from '@recado/contracts';
import { once, type Tx, withTenant } from '@recado/database';
import { enqueue } from '@recado/messaging';
import type { Caller } from '@recado/service-kit';
import type { Deps } from '../deps.ts';
import { insertGroup } from './store.ts';
import { auditedGroup, groupFacts, groupView } from './views.ts';

type Input = RouteInput<typeof conversationApi.createGroup>['body'];

/** Makes an empty group of the caller. Names may repeat, because no list shows all groups. */
export async function createGroup(deps: Deps, caller: Caller, origin: AuditOrigin, input: Input): Promise<Group> {
  const { tenantId, userId: createdBy } = caller;
  const work = async (tx: Tx): Promise<Group> => {
    const { name, description = null } = input;
    const made = await insertGroup(tx, tenantId, { id: uuidv7(), name, description, createdBy });
    const changes = changesBetween(null, auditedGroup(made));
    await enqueue(tx, [
      buildEvent(groupCreated, {
        tenantId,
        subject: made.id,
        traceparent: origin.traceparent,
        data: groupFacts(made),
      }),
      buildAudit(conversationAudit, origin, {
        action: 'group.create',
        entityType: 'group',
        entityId: made.id,
        changes,
      }),
    ]);
    return groupView({ ...made, contactCount: 0 });
  };
  const made = await withTenant(deps.db, tenantId, (tx) => once(tx, tenantId, origin.callKey, () => work(tx)));
  return made;
}
