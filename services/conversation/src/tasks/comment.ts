import {
  type AuditOrigin,
  buildAudit,
  buildEvent,
  conversationAudit,
  type TaskComment,
  taskCommented,
  uuidv7,
} from '@recado/contracts';
import { once, type Tx, withTenant } from '@recado/database';
import { enqueue } from '@recado/messaging';
import type { Caller } from '@recado/service-kit';
import type { Deps } from '../deps.ts';
import { taskPersonOf } from './seen.ts';
import { insertComment, lockTask } from './store.ts';
import { commentView } from './views.ts';

interface NewComment {
  taskId: string;
  content: string;
}

/** Comments on a task. The words are in no event. @throws NotFound `task` */
export async function addComment(
  deps: Deps,
  caller: Caller,
  origin: AuditOrigin,
  { taskId, content }: NewComment,
): Promise<TaskComment> {
  const { tenantId, userId } = caller;
  const work = async (tx: Tx): Promise<TaskComment> => {
    await lockTask(tx, tenantId, taskPersonOf(caller), taskId);
    const comment = await insertComment(tx, { tenantId, taskId, id: uuidv7(), userId, content });
    const data = { taskId, commentId: comment.id, userId };
    const changes = { comment: { from: null, to: comment.id } };
    const what = { action: 'task.comment', entityType: 'task', entityId: taskId, changes };
    await enqueue(tx, [
      buildEvent(taskCommented, { tenantId, subject: taskId, traceparent: origin.traceparent, data }),
      buildAudit(conversationAudit, origin, what),
    ]);
    return commentView(comment);
  };
  return withTenant(deps.db, tenantId, (tx) => once(tx, tenantId, origin.callKey, () => work(tx)));
}
