import type { Campaign, CampaignDetail } from '@recado/contracts';
import { z } from 'zod';
import type { GatewayDeps } from '../../../deps.ts';
import { type CallContext, editionRoute } from '../../../edge/edition.ts';
import { idParams, paged } from '../common/schemas.ts';
import { pageMeta } from '../common/views.ts';
import * as schemas from './schemas.ts';
import { type CampaignNames, campaignDetailView, campaignView, queuedChatView, settingsOf } from './views.ts';

const shared = { tag: 'Campaigns', auth: 'bearer' } as const;
const ofCampaign = { ...shared, entity: 'campaign', params: idParams } as const;
const change = { ...ofCampaign, permission: 'campaigns.update' } as const;

/** Where these routes spell a field otherwise than the rule. */
const NUMBERS = { channelIds: 'whatsapp_number_ids', primaryChannelId: 'primary_number_id' };

export const campaignRoutes = [
  editionRoute({
    ...shared,
    method: 'GET',
    path: '/campaigns',
    summary: 'Listar campañas',
    permission: 'campaigns.read',
    query: schemas.campaignsQuery,
    responses: { 200: paged(schemas.campaign) },
    handle: async ({ query, deps, call }) => {
      const { page, limit, cursor, status, search } = query;
      const input = { query: { page, limit, cursor, status, search: search || undefined } };
      const list = await deps.clients.conversation.listCampaigns(input, call);
      const names = await hydrate(deps, call, list.items);
      return { data: list.items.map((item) => campaignView(item, names)), meta: pageMeta(query, list) };
    },
  }),
  editionRoute({
    ...shared,
    method: 'POST',
    path: '/campaigns',
    summary: 'Crear campaña',
    description: 'Los números y los agentes se asignan después. Un código que ya existe: 409.',
    permission: 'campaigns.create',
    body: schemas.createCampaignBody,
    responses: { 201: schemas.campaignDetail },
    handle: async ({ body, deps, call }) => {
      const timezone = body.timezone ?? (await deps.directory.tenant(call)).timezone;
      const input = { body: { ...settingsOf(body), name: body.name, code: body.code, timezone } };
      return shown(deps, call, await deps.clients.conversation.createCampaign(input, call));
    },
  }),
  editionRoute({
    ...ofCampaign,
    method: 'GET',
    path: '/campaigns/:id',
    summary: 'Obtener campaña por ID',
    permission: 'campaigns.read',
    responses: { 200: schemas.campaignDetail },
    handle: async ({ params, deps, call }) =>
      shown(deps, call, await deps.clients.conversation.getCampaign({ params: { campaignId: params.id } }, call)),
  }),
  editionRoute({
    ...change,
    method: 'PUT',
    path: '/campaigns/:id',
    summary: 'Actualizar campaña',
    description: 'Cambia lo que se envía; el resto queda como está.',
    body: schemas.updateCampaignBody,
    responses: { 200: schemas.campaignDetail },
    handle: async ({ params, body, deps, call }) => {
      // Only null is taken, and it is null.
      const given = Object.keys(body).some((key) => key !== 'bot_flow_id');
      const about = { params: { campaignId: params.id } };
      const changed = given
        ? await deps.clients.conversation.updateCampaign({ ...about, body: settingsOf(body) }, call)
        : await deps.clients.conversation.getCampaign(about, call);
      return shown(deps, call, changed);
    },
  }),
  editionRoute({
    ...ofCampaign,
    method: 'DELETE',
    path: '/campaigns/:id',
    summary: 'Eliminar campaña',
    description:
      'Sus chats abiertos salen de ella: los que tienen agente siguen con él, los demás esperan en la cola general.',
    permission: 'campaigns.delete',
    responses: { 204: z.null() },
    handle: async ({ params, deps, call }) =>
      deps.clients.conversation.deleteCampaign({ params: { campaignId: params.id } }, call),
  }),
  editionRoute({
    ...change,
    method: 'POST',
    path: '/campaigns/:id/numbers',
    summary: 'Asignar números a campaña',
    description:
      'Quedan estos y ningún otro. Un número está en una sola campaña; sus chats nuevos, y los abiertos que no están en ninguna, van a ella.',
    fields: NUMBERS,
    body: schemas.numbersBody,
    responses: { 200: schemas.campaignDetail },
    handle: async ({ params, body, deps, call }) => {
      const { whatsapp_number_ids: channelIds, primary_number_id: primaryChannelId } = body;
      const input = { params: { campaignId: params.id }, body: { channelIds, primaryChannelId } };
      return shown(deps, call, await deps.clients.conversation.setCampaignNumbers(input, call));
    },
  }),
  editionRoute({
    ...change,
    method: 'POST',
    path: '/campaigns/:id/agents',
    summary: 'Asignar agentes a campaña',
    description: 'Quedan estos y ningún otro. Los chats que ya tienen siguen con ellos.',
    fields: { maxChats: 'max_concurrent_chats' },
    body: schemas.agentsBody,
    responses: { 200: schemas.campaignDetail },
    handle: async ({ params, body, deps, call }) => {
      const agents = body.agents.map(({ user_id: userId, max_concurrent_chats: maxChats, priority, skills }) => ({
        userId,
        maxChats,
        priority,
        skills,
      }));
      const input = { params: { campaignId: params.id }, body: { agents } };
      return shown(deps, call, await deps.clients.conversation.setCampaignAgents(input, call));
    },
  }),
  editionRoute({
    ...ofCampaign,
    method: 'GET',
    path: '/campaigns/:id/queue',
    summary: 'Ver la cola de una campaña',
    description: 'Los chats que esperan un agente, el próximo primero.',
    permission: 'campaigns.read',
    query: schemas.queueQuery,
    responses: { 200: paged(schemas.queuedChat) },
    handle: async ({ params, query, deps, call }) => {
      const list = await deps.clients.conversation.listQueue({ params: { campaignId: params.id }, query }, call);
      return { data: list.items.map(queuedChatView), meta: pageMeta(query, list) };
    },
  }),
];

async function shown(deps: GatewayDeps, call: CallContext, campaign: CampaignDetail) {
  return campaignDetailView(
    campaign,
    await hydrate(
      deps,
      call,
      [campaign],
      campaign.agents.map(({ userId }) => userId),
    ),
  );
}

async function hydrate(
  deps: GatewayDeps,
  call: CallContext,
  campaigns: readonly Campaign[],
  userIds: readonly string[] = [],
): Promise<CampaignNames> {
  const [channels, users] = await Promise.all([
    deps.directory.channels(
      call,
      campaigns.flatMap(({ numbers }) => numbers.map(({ channelId }) => channelId)),
    ),
    deps.directory.users(call, userIds),
  ]);
  return { channels, users };
}
