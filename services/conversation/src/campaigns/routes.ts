import { conversationApi } from '@recado/contracts';
import { serve } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import type { Deps } from '../deps.ts';
import { createCampaign } from './create.ts';
import { getCampaign, listCampaigns, listQueue } from './list.ts';
import { findCampaignNames, findCampaignsOfNumbers, findCampaignsOfUser } from './names.ts';
import { removeCampaign } from './remove.ts';
import { setCampaignAgents } from './set-agents.ts';
import { setCampaignNumbers } from './set-numbers.ts';
import { updateCampaign } from './update.ts';

export function campaignRoutes(app: FastifyInstance, deps: Deps): void {
  const { db } = deps;

  serve(app, conversationApi.listCampaigns, async ({ caller, query }) => listCampaigns(db, caller.tenantId, query));

  serve(app, conversationApi.createCampaign, async ({ caller, origin, body }) =>
    createCampaign(deps, caller, origin, body),
  );

  serve(app, conversationApi.getCampaign, async ({ caller, params }) =>
    getCampaign(db, caller.tenantId, params.campaignId),
  );

  serve(app, conversationApi.updateCampaign, async ({ caller, origin, params, body }) =>
    updateCampaign(deps, caller, origin, params.campaignId, body),
  );

  serve(app, conversationApi.deleteCampaign, async ({ caller, origin, params }) => {
    await removeCampaign(deps, caller, origin, params.campaignId);
  });

  serve(app, conversationApi.setCampaignNumbers, async ({ caller, origin, context, params, body }) =>
    setCampaignNumbers(deps, { caller, origin, context }, params.campaignId, body),
  );

  serve(app, conversationApi.setCampaignAgents, async ({ caller, origin, params, body }) =>
    setCampaignAgents(deps, caller, origin, params.campaignId, body.agents),
  );

  serve(app, conversationApi.listQueue, async ({ caller, params, query }) =>
    listQueue(db, caller.tenantId, params.campaignId, query),
  );

  serve(app, conversationApi.listCampaignNames, async ({ caller, query }) => ({
    items: await findCampaignNames(db, caller.tenantId, query.ids),
  }));

  serve(app, conversationApi.listUserCampaigns, async ({ caller, params }) => ({
    items: await findCampaignsOfUser(db, caller.tenantId, params.userId),
  }));

  serve(app, conversationApi.listNumberCampaigns, async ({ caller, query }) => ({
    items: await findCampaignsOfNumbers(db, caller.tenantId, query.channelIds),
  }));
}
