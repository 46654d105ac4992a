import { conversationApi } from '@recado/contracts';
import { serve } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import type { Deps } from '../deps.ts';
import { addComment } from './comment.ts';
import { createTask } from './create.ts';
import { findTask, listComments, listTasks } from './list.ts';
import { removeTask } from './remove.ts';
import { completeTask, updateTask } from './update.ts';

export function taskRoutes(app: FastifyInstance, deps: Deps): void {
  serve(app, conversationApi.listTasks, async ({ caller, query }) => listTasks(deps, caller, query));

  serve(app, conversationApi.getTask, async ({ caller, params }) => findTask(deps, caller, params.taskId));

  serve(app, conversationApi.createTask, async ({ caller, origin, body }) => createTask(deps, caller, origin, body));

  serve(app, conversationApi.updateTask, async ({ caller, origin, params, body }) =>
    updateTask(deps, { caller, origin, ...params }, body),
  );

  serve(app, conversationApi.completeTask, async ({ caller, origin, params, body }) =>
    completeTask(deps, { caller, origin, ...params }, body.notes ?? null),
  );

  serve(app, conversationApi.deleteTask, async ({ caller, origin, params }) => {
    await removeTask(deps, caller, origin, params.taskId);
  });

  serve(app, conversationApi.addTaskComment, async ({ caller, origin, params, body }) =>
    addComment(deps, caller, origin, { ...params, ...body }),
  );

  serve(app, conversationApi.listTaskComments, async ({ caller, params, query }) =>
    listComments(deps, caller, params.taskId, query),
  );
}
