import { z } from 'zod';
import { FIELD_CODES, type FieldCode, withCode } from '../errors.ts';
import { isoTime, matching, oneOrMore, text, uuid, walked, walkQuery } from '../primitives.ts';
import { route } from '../route.ts';
import { contact } from './contacts.ts';

export const CAMPAIGN_STATUSES = ['active', 'inactive'] as const;
export const ROUTING_STRATEGIES = ['round_robin', 'least_busy', 'priority', 'skills'] as const;
export const SILENCE_ACTIONS = ['agent', 'queue', 'supervisor'] as const;
export const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;
/** What one campaign may have. */
export const MAX_CAMPAIGN_AGENTS = 500;
const MAX_NUMBERS = 100;
/** The placeholder of a queue message. */
export const POSITION = '{{position}}';

const zones = new Set<string>();
function isTimezone(name: string): boolean {
  if (zones.has(name)) return true;
  try {
    // Offsets such as +05:00 are no zones of the database.
    if (!/^[A-Za-z]/.test(name)) return false;
    new Intl.DateTimeFormat('en', { timeZone: name });
    zones.add(name);
    return true;
  } catch {
    return false;
  }
}

const opening = z
  .strictObject({
    start: matching('clock', /^([01]\d|2[0-3]):[0-5]\d$/),
    end: matching('clock', /^(([01]\d|2[0-3]):[0-5]\d|24:00)$/),
  })
  .refine(({ start, end }) => start.length !== end.length || start < end, { ...withCode('hours'), path: ['end'] });
const businessHours = z
  .strictObject(
    Object.fromEntries(WEEKDAYS.map((day) => [day, opening.nullable().default(null)])) as Record<
      (typeof WEEKDAYS)[number],
      z.ZodDefault<z.ZodNullable<typeof opening>>
    >,
  )
  .describe('Of each day; null: closed all day');
const holiday = z.strictObject({ date: z.iso.date(), name: text(120).nullable().default(null) });
const seconds = z.number().int().min(1).max(31_536_000);

/** As a campaign has them. */
export const campaignFields = {
  name: text(120),
  code: text(60).describe('Unique in the tenant, without regard to case'),
  description: text(1000).nullable(),
  status: z.enum(CAMPAIGN_STATUSES),
  priority: z.number().int().min(0).max(100).describe('Of two with a common agent, the higher goes first'),
  businessHours: businessHours.nullable().describe('In `timezone`; null: always open'),
  timezone: z.string().max(64).refine(isTimezone, withCode('timezone')),
  holidays: z
    .array(holiday)
    .max(200)
    .superRefine((days, context) => {
      for (const i of repeated(days.map(({ date }) => date))) addIssue(context, [i, 'date'], 'duplicate');
    })
    .describe('Closed all day'),
  slaFirstResponseSeconds: seconds.nullable(),
  slaNextResponseSeconds: seconds.nullable().describe('From a message of the customer to the answer of a person'),
  slaResolutionSeconds: seconds.nullable().describe('From the beginning; it stands while the chat is `pending`'),
  slaWarnPercent: z.number().int().min(1).max(99).nullable().describe('Of a target, when it is warned of; null: never'),
  clocksInHours: z.boolean().describe('Targets and silence count within the business hours alone'),
  silenceSeconds: z
    .number()
    .int()
    .min(10)
    .max(86_400)
    .nullable()
    .describe('A customer waits this long for their agent, then the chat is handed on; null: never'),
  silenceAction: z
    .enum(SILENCE_ACTIONS)
    .describe('To another agent who has room, if there is one; to the queue; to a supervisor, else to the queue'),
  botEnabled: z.boolean().describe('The AI answers first; people when it hands over or stays silent'),
  botWaitSeconds: z.number().int().min(1).max(3600).describe('Silence of the AI until people take over'),
  routingStrategy: z.enum(ROUTING_STRATEGIES),
  stickyAgent: z.boolean().describe("The contact's last agent, if they are free"),
  reassignOffline: z.boolean().describe('Chats of an agent who goes offline return to the queue'),
  reassignPaused: z.boolean().describe('Those of one who pauses too'),
  reassignFull: z.boolean().describe('Chats beyond a limit that was lowered return to the queue, the oldest first'),
  welcomeMessage: text(4096).nullable(),
  offlineMessage: text(4096).nullable().describe('Outside the business hours'),
  queueMessage: text(4096).nullable().describe(`To a customer who has to wait; ${POSITION} is the place in the queue`),
};

const newCampaign = z.strictObject({
  ...campaignFields,
  description: campaignFields.description.default(null),
  status: campaignFields.status.default('active'),
  priority: campaignFields.priority.default(5),
  businessHours: campaignFields.businessHours.default(null),
  holidays: campaignFields.holidays.default([]),
  slaFirstResponseSeconds: campaignFields.slaFirstResponseSeconds.default(null),
  slaResolutionSeconds: campaignFields.slaResolutionSeconds.default(null),
  slaNextResponseSeconds: campaignFields.slaNextResponseSeconds.default(null),
  slaWarnPercent: campaignFields.slaWarnPercent.default(80),
  clocksInHours: campaignFields.clocksInHours.default(true),
  silenceSeconds: campaignFields.silenceSeconds.default(null),
  silenceAction: campaignFields.silenceAction.default('agent'),
  botEnabled: campaignFields.botEnabled.default(false),
  botWaitSeconds: campaignFields.botWaitSeconds.default(60),
  routingStrategy: campaignFields.routingStrategy.default('round_robin'),
  stickyAgent: campaignFields.stickyAgent.default(false),
  reassignOffline: campaignFields.reassignOffline.default(true),
  reassignPaused: campaignFields.reassignPaused.default(false),
  reassignFull: campaignFields.reassignFull.default(true),
  welcomeMessage: campaignFields.welcomeMessage.default(null),
  offlineMessage: campaignFields.offlineMessage.default(null),
  queueMessage: campaignFields.queueMessage.default(null),
});

function* repeated(values: readonly string[]): Generator<number> {
  for (let i = 0; i < values.length; i++) if (values.indexOf(values[i]!) < i) yield i;
}

function addIssue(context: z.core.$RefinementCtx, path: PropertyKey[], code: FieldCode): void {
  context.addIssue({ code: 'custom', path, message: FIELD_CODES[code], params: { code } });
}

export const campaignAgent = z.object({
  userId: uuid(),
  maxChats: z.number().int().min(1).max(100).nullable().default(null).describe("Null: the user's own limit"),
  priority: z.number().int().min(0).max(100).default(0).describe('The highest first, with the strategy `priority`'),
  skills: z.array(text(60)).max(50).default([]).describe("Compared with the chat's tags, without regard to case"),
});
export type CampaignAgent = z.output<typeof campaignAgent>;

export const campaign = z
  .object({
    id: uuid(),
    ...campaignFields,
    numbers: z.array(z.object({ channelId: uuid(), isPrimary: z.boolean() })),
    agentsCount: z.number().int(),
    activeChats: z.number().int().describe('Open, with an agent'),
    waitingChats: z.number().int(),
    createdAt: isoTime(),
    updatedAt: isoTime(),
  })
  .meta({ id: 'Campaign' });
export type Campaign = z.output<typeof campaign>;
export const campaignDetail = campaign.extend({ agents: z.array(campaignAgent) }).meta({ id: 'CampaignDetail' });
export type CampaignDetail = z.output<typeof campaignDetail>;
export const campaignName = z.object({ id: uuid(), name: z.string() });
export type CampaignName = z.output<typeof campaignName>;

export const queued = z
  .object({
    position: z.number().int(),
    conversationId: uuid(),
    contact: contact.pick({ id: true, name: true, phone: true }),
    queuedAt: isoTime(),
  })
  .meta({ id: 'QueuedConversation' });

const params = z.strictObject({ campaignId: uuid() });
const ids = (max: number) =>
  z.preprocess(
    (value) => (typeof value === 'string' ? value.split(',').filter(Boolean) : value),
    z.array(uuid()).max(max),
  );

export const campaignRoutes = {
  listCampaigns: route({
    method: 'GET',
    path: '/campaigns',
    access: 'campaigns.read',
    query: z.strictObject({
      ...walkQuery,
      status: z.enum(CAMPAIGN_STATUSES).optional(),
      search: z.string().trim().max(120).optional().describe('In name or code'),
    }),
    responses: { 200: walked(campaign) },
    summary: "The tenant's campaigns, the last made first",
  }),
  createCampaign: route({
    method: 'POST',
    path: '/campaigns',
    access: 'campaigns.create',
    once: true,
    body: newCampaign,
    responses: { 201: campaignDetail },
    audit: 'campaign.create',
    summary: 'Make a campaign (campaigns.create). A code that another one has: 409',
  }),
  getCampaign: route({
    method: 'GET',
    path: '/campaigns/:campaignId',
    access: 'campaigns.read',
    params,
    responses: { 200: campaignDetail },
    summary: 'One campaign with its agents',
  }),
  updateCampaign: route({
    method: 'PATCH',
    path: '/campaigns/:campaignId',
    access: 'campaigns.update',
    params,
    body: z.strictObject(campaignFields).partial().refine(oneOrMore, withCode('no_fields')),
    responses: { 200: campaignDetail },
    audit: 'campaign.update',
    summary: 'Change a campaign (campaigns.update). Its queue is looked at again',
  }),
  deleteCampaign: route({
    method: 'DELETE',
    path: '/campaigns/:campaignId',
    access: 'campaigns.delete',
    params,
    responses: { 204: z.null() },
    audit: 'campaign.delete',
    summary:
      'Remove a campaign (campaigns.delete). Its open chats leave it: those with an agent stay with them, the others wait in the general queue. Closed ones keep its name',
  }),
  setCampaignNumbers: route({
    method: 'POST',
    path: '/campaigns/:campaignId/numbers',
    access: 'campaigns.update',
    once: { none: 'The campaign has these numbers and no others afterwards' },
    params,
    body: z
      .strictObject({ channelIds: z.array(uuid()).max(MAX_NUMBERS), primaryChannelId: uuid().nullable().optional() })
      .superRefine(({ channelIds }, context) => {
        for (const i of repeated(channelIds)) addIssue(context, ['channelIds', i], 'duplicate');
      }),
    responses: { 200: campaignDetail },
    audit: 'campaign.set_numbers',
    summary:
      'These numbers and no others (campaigns.update). One of another campaign: 422. Open chats of an added number that are in none enter it; those of a removed one stay',
  }),
  setCampaignAgents: route({
    method: 'POST',
    path: '/campaigns/:campaignId/agents',
    access: 'campaigns.update',
    once: { none: 'The campaign has these agents and no others afterwards' },
    params,
    body: z
      .strictObject({ agents: z.array(z.strictObject(campaignAgent.shape)).max(MAX_CAMPAIGN_AGENTS) })
      .superRefine(({ agents }, context) => {
        for (const i of repeated(agents.map(({ userId }) => userId)))
          addIssue(context, ['agents', i, 'userId'], 'duplicate');
      }),
    responses: { 200: campaignDetail },
    audit: 'campaign.set_agents',
    summary: 'These agents and no others (campaigns.update). Chats that they have stay with them',
  }),
  listQueue: route({
    method: 'GET',
    path: '/campaigns/:campaignId/queue',
    access: 'campaigns.read',
    params,
    query: z.strictObject(walkQuery),
    responses: { 200: walked(queued) },
    summary: 'What waits in a campaign, the next to be given first',
  }),
  listCampaignNames: route({
    method: 'GET',
    path: '/campaign-names',
    access: ['campaigns.read', 'chats.read'],
    query: z.strictObject({ ids: ids(200) }),
    responses: { 200: z.object({ items: z.array(campaignName) }) },
    summary: 'Names of campaigns for hydration, removed ones included; unknown ids are left out',
  }),
  listUserCampaigns: route({
    method: 'GET',
    path: '/user-campaigns/:userId',
    access: ['campaigns.read', 'users.read'],
    params: z.strictObject({ userId: uuid() }),
    responses: { 200: z.object({ items: z.array(campaignName.extend({ priority: z.number().int() })) }) },
    summary: "The campaigns of a user with the user's priority in each; none of an unknown user",
  }),
  listNumberCampaigns: route({
    method: 'GET',
    path: '/number-campaigns',
    access: ['campaigns.read', 'whatsapp.numbers.read'],
    query: z.strictObject({ channelIds: ids(1000) }),
    responses: { 200: z.object({ items: z.array(campaignName.extend({ channelId: uuid() })) }) },
    summary: 'The campaigns of numbers; those in none are left out',
  }),
};
