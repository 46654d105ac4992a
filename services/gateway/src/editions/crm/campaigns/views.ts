import type { Campaign, CampaignDetail, Channel, conversationApi, RouteOutput, User } from '@recado/contracts';
import type { z } from 'zod';
import type { View } from '../../../edge/edition.ts';
import { personNames } from '../chats/views.ts';
import { personView } from '../common/views.ts';
import type * as schemas from './schemas.ts';

/** The numbers and people of campaigns, hydrated for a whole page at once. */
export interface CampaignNames {
  channels: ReadonlyMap<string, Channel>;
  users: ReadonlyMap<string, User>;
}

/** A number that was removed has no name any more. */
export const campaignView = (campaign: Campaign, { channels }: CampaignNames): View<typeof schemas.campaign> => ({
  id: campaign.id,
  name: campaign.name,
  code: campaign.code,
  description: campaign.description,
  status: campaign.status,
  priority: campaign.priority,
  bot_enabled: campaign.botEnabled,
  routing_strategy: campaign.routingStrategy,
  whatsapp_numbers: campaign.numbers.map(({ channelId, isPrimary }) => ({
    id: channelId,
    phone_number: channels.get(channelId)?.phone ?? null,
    display_name: channels.get(channelId)?.name ?? '',
    is_primary: isPrimary,
  })),
  agents_count: campaign.agentsCount,
  active_chats: campaign.activeChats,
  waiting_chats: campaign.waitingChats,
  created_at: campaign.createdAt,
});

export const campaignDetailView = (
  campaign: CampaignDetail,
  names: CampaignNames,
): View<typeof schemas.campaignDetail> => ({
  ...campaignView(campaign, names),
  business_hours: campaign.businessHours,
  timezone: campaign.timezone,
  holidays: campaign.holidays,
  sla_first_response_seconds: campaign.slaFirstResponseSeconds,
  sla_next_response_seconds: campaign.slaNextResponseSeconds,
  sla_resolution_seconds: campaign.slaResolutionSeconds,
  sla_warn_percent: campaign.slaWarnPercent,
  clocks_in_hours: campaign.clocksInHours,
  silence_seconds: campaign.silenceSeconds,
  silence_action: campaign.silenceAction,
  bot_wait_seconds: campaign.botWaitSeconds,
  bot_flow_id: null,
  sticky_agent: campaign.stickyAgent,
  reassign_offline: campaign.reassignOffline,
  reassign_paused: campaign.reassignPaused,
  reassign_full: campaign.reassignFull,
  welcome_message: campaign.welcomeMessage,
  offline_message: campaign.offlineMessage,
  queue_message: campaign.queueMessage,
  agents: campaign.agents.map(({ userId, maxChats, priority, skills }) => ({
    user_id: userId,
    user: personView(names.users.get(userId)),
    max_concurrent_chats: maxChats,
    priority,
    skills,
  })),
  updated_at: campaign.updatedAt,
});

type Settings = z.output<typeof schemas.updateCampaignBody>;

/** What a body sets, in the service's names. */
export const settingsOf = (body: Settings) => ({
  name: body.name,
  code: body.code,
  description: body.description,
  status: body.status,
  priority: body.priority,
  businessHours: body.business_hours,
  timezone: body.timezone,
  holidays: body.holidays,
  slaFirstResponseSeconds: body.sla_first_response_seconds,
  slaNextResponseSeconds: body.sla_next_response_seconds,
  slaResolutionSeconds: body.sla_resolution_seconds,
  slaWarnPercent: body.sla_warn_percent,
  clocksInHours: body.clocks_in_hours,
  silenceSeconds: body.silence_seconds,
  silenceAction: body.silence_action,
  botEnabled: body.bot_enabled,
  botWaitSeconds: body.bot_wait_seconds,
  routingStrategy: body.routing_strategy,
  stickyAgent: body.sticky_agent,
  reassignOffline: body.reassign_offline,
  reassignPaused: body.reassign_paused,
  reassignFull: body.reassign_full,
  welcomeMessage: body.welcome_message,
  offlineMessage: body.offline_message,
  queueMessage: body.queue_message,
});

type Queued = RouteOutput<typeof conversationApi.listQueue>['items'][number];
export const queuedChatView = ({
  conversationId,
  position,
  contact,
  queuedAt,
}: Queued): View<typeof schemas.queuedChat> => ({
  id: conversationId,
  position,
  client: { id: contact.id, ...personNames(contact), phone_number: contact.phone },
  queued_at: queuedAt,
});
