import { conversationApi } from '@recado/contracts';
import { serve } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import type { Deps } from '../deps.ts';
import { findSurveyOf, listSurveys, summarizeSurveys } from './list.ts';
import { getSettings, removeSettings, setSettings } from './settings.ts';

export function surveyRoutes(app: FastifyInstance, deps: Deps): void {
  serve(app, conversationApi.getSurveySettings, async ({ caller, query }) =>
    getSettings(deps, caller, query.campaignId),
  );

  serve(app, conversationApi.setSurveySettings, async ({ caller, origin, body }) =>
    setSettings(deps, caller, origin, body),
  );

  serve(app, conversationApi.deleteSurveySettings, async ({ caller, origin, params }) =>
    removeSettings(deps, caller, origin, params.campaignId),
  );

  serve(app, conversationApi.listSurveys, async ({ caller, query }) => listSurveys(deps, caller, query));

  serve(app, conversationApi.summarizeSurveys, async ({ caller, query }) => summarizeSurveys(deps, caller, query));

  serve(app, conversationApi.getConversationSurvey, async ({ caller, params }) =>
    findSurveyOf(deps, caller, params.conversationId),
  );
}
