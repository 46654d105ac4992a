import {
  CAMPAIGN_STATUSES,
  campaignFields as f,
  isoTime,
  MAX_CAMPAIGN_AGENTS,
  uuid,
  withCode,
} from '@recado/contracts';
import { z } from 'zod';
import { pageQuery, person } from '../common/schemas.ts';

/** No bot flow exists yet, so none has an id. */
const botFlow = uuid()
  .nullable()
  .refine((id) => id === null, withCode('unknown_flow'))
  .describe('Solo null: aún no hay flujos de bot');

const settings = {
  name: f.name,
  code: f.code.describe('Único, sin distinguir mayúsculas'),
  description: f.description,
  status: f.status,
  priority: f.priority.describe('De dos campañas con un agente en común, primero la mayor'),
  business_hours: f.businessHours.describe('En `timezone`; null: siempre abierta'),
  timezone: f.timezone.describe('Al crear, por defecto la de la organización'),
  holidays: f.holidays.describe('Días sin atención'),
  sla_first_response_seconds: f.slaFirstResponseSeconds,
  sla_next_response_seconds: f.slaNextResponseSeconds.describe('Desde cada mensaje del cliente'),
  sla_resolution_seconds: f.slaResolutionSeconds.describe('Desde el inicio; se detiene en `pending`'),
  sla_warn_percent: f.slaWarnPercent.describe('Del plazo, cuándo se avisa; null: nunca'),
  clocks_in_hours: f.clocksInHours.describe('Plazos y silencio cuentan solo dentro del horario'),
  silence_seconds: f.silenceSeconds.describe('Espera de un cliente a su agente hasta que el chat se reasigna'),
  silence_action: f.silenceAction.describe('A otro agente con lugar, a la cola, o a un supervisor'),
  bot_enabled: f.botEnabled.describe('La IA responde primero; los agentes, cuando deriva el chat o calla'),
  bot_wait_seconds: f.botWaitSeconds.describe('Silencio de la IA hasta que el chat pasa a los agentes'),
  bot_flow_id: botFlow,
  routing_strategy: f.routingStrategy,
  sticky_agent: f.stickyAgent.describe('Prefiere al último agente del cliente'),
  reassign_offline: f.reassignOffline.describe('Los chats de quien se desconecta vuelven a la cola'),
  reassign_paused: f.reassignPaused.describe('También los de quien se pausa'),
  reassign_full: f.reassignFull.describe(
    'Los que exceden un límite reducido vuelven a la cola, primero los más antiguos',
  ),
  welcome_message: f.welcomeMessage,
  offline_message: f.offlineMessage.describe('Fuera del horario'),
  queue_message: f.queueMessage.describe('A quien debe esperar; `{{position}}` es su lugar en la cola'),
};

export const campaignsQuery = z.object({
  status: z.enum(CAMPAIGN_STATUSES).optional(),
  search: z.string().trim().max(120).optional().describe('En nombre o código'),
  ...pageQuery(20),
});
export const queueQuery = z.object(pageQuery(20));

export const createCampaignBody = z.strictObject(settings).partial().required({ name: true, code: true });
export const updateCampaignBody = z
  .strictObject(settings)
  .partial()
  .refine((body) => Object.keys(body).length > 0, withCode('no_fields'));

export const numbersBody = z.strictObject({
  whatsapp_number_ids: z.array(uuid()).max(100),
  primary_number_id: uuid().nullable().optional().describe('Por defecto, el primero'),
});

export const agentsBody = z.strictObject({
  agents: z
    .array(
      z.strictObject({
        user_id: uuid(),
        max_concurrent_chats: z.number().int().min(1).max(100).nullable().optional().describe('null: el del usuario'),
        priority: z.number().int().min(0).max(100).optional(),
        skills: z
          .array(z.string().trim().min(1).max(60))
          .max(50)
          .optional()
          .describe('Se comparan con los tags del chat'),
      }),
    )
    .max(MAX_CAMPAIGN_AGENTS),
});

const number = z.object({
  id: uuid(),
  phone_number: z.string().nullable(),
  display_name: z.string(),
  is_primary: z.boolean(),
});

export const campaign = z
  .object({
    id: uuid(),
    name: z.string(),
    code: z.string(),
    description: z.string().nullable(),
    status: f.status,
    priority: z.number().int(),
    bot_enabled: z.boolean(),
    routing_strategy: f.routingStrategy,
    whatsapp_numbers: z.array(number),
    agents_count: z.number().int(),
    active_chats: z.number().int().describe('Abiertos, con un agente'),
    waiting_chats: z.number().int(),
    created_at: isoTime(),
  })
  .meta({ id: 'Campaign' });

export const campaignDetail = campaign
  .extend({
    business_hours: f.businessHours,
    timezone: z.string(),
    holidays: f.holidays,
    sla_first_response_seconds: f.slaFirstResponseSeconds,
    sla_next_response_seconds: f.slaNextResponseSeconds,
    sla_resolution_seconds: f.slaResolutionSeconds,
    sla_warn_percent: f.slaWarnPercent,
    clocks_in_hours: z.boolean(),
    silence_seconds: f.silenceSeconds,
    silence_action: f.silenceAction,
    bot_wait_seconds: z.number().int(),
    bot_flow_id: uuid().nullable(),
    sticky_agent: z.boolean(),
    reassign_offline: z.boolean(),
    reassign_paused: z.boolean(),
    reassign_full: z.boolean(),
    welcome_message: z.string().nullable(),
    offline_message: z.string().nullable(),
    queue_message: z.string().nullable(),
    agents: z.array(
      z.object({
        user_id: uuid(),
        user: person.nullable(),
        max_concurrent_chats: z.number().int().nullable(),
        priority: z.number().int(),
        skills: z.array(z.string()),
      }),
    ),
    updated_at: isoTime(),
  })
  .meta({ id: 'CampaignDetail' });

export const queuedChat = z
  .object({
    id: uuid().describe('Del chat'),
    position: z.number().int(),
    client: z.object({
      id: uuid(),
      first_name: z.string(),
      last_name: z.string(),
      phone_number: z.string().nullable(),
    }),
    queued_at: isoTime(),
  })
  .meta({ id: 'QueuedChat' });
