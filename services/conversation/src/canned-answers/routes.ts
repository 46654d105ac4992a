import { conversationApi } from '@recado/contracts';
import { serve } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import type { Deps } from '../deps.ts';
import { createAnswer, removeAnswer, updateAnswer } from './change.ts';
import { findAnswer, listAnswers } from './list.ts';
import { previewAnswer } from './use.ts';

export function cannedAnswerRoutes(app: FastifyInstance, deps: Deps): void {
  serve(app, conversationApi.listCannedAnswers, async ({ caller, query }) => listAnswers(deps, caller, query));

  serve(app, conversationApi.getCannedAnswer, async ({ caller, params }) => findAnswer(deps, caller, params.answerId));

  serve(app, conversationApi.createCannedAnswer, async ({ caller, context, origin, body }) =>
    createAnswer(deps, { caller, context, origin }, body),
  );

  serve(app, conversationApi.updateCannedAnswer, async ({ caller, context, origin, params, body }) =>
    updateAnswer(deps, { caller, context, origin }, params.answerId, body),
  );

  serve(app, conversationApi.deleteCannedAnswer, async ({ caller, context, origin, params }) => {
    await removeAnswer(deps, { caller, context, origin }, params.answerId);
  });

  serve(app, conversationApi.previewCannedAnswer, async ({ caller, params: { conversationId, answerId }, body }) =>
    previewAnswer(deps, caller, conversationId, { answerId, ...body }),
  );
}
