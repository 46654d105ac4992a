import { z } from 'zod';
import { withCode } from '../errors.ts';
import { outboundLimits } from '../outbound-check.ts';
import { recipientAddress } from '../outbound-content.ts';
import { fileLimits } from '../outbound-files.ts';
import { idList, isoTime, oneOrMore, text, uuid } from '../primitives.ts';
import { defineApi, route } from '../route.ts';
import { CHANNEL_STATUSES, channel, channelSettings, linkCode, PROVIDERS } from './channel.ts';
import { fileRoutes } from './files.ts';
import { numberCodeRoutes } from './number-codes.ts';
import { templateRoutes } from './templates.ts';
import { webhookEndpointRoutes } from './webhook-endpoints.ts';

/** What other services must know of a provider. */
export const capabilities = z.object({
  replyWindowHours: z
    .number()
    .int()
    .nullable()
    .describe("Hours after a customer's message in which a business may write freely; null: always"),
  // A connector of the version before tells none of these.
  links: z.boolean().optional().describe('Its numbers are phones that a person links with a code'),
  hosted: z.boolean().optional().describe('The installation has a server of its own for them'),
  // A connector of the version before gives none of these.
  kinds: z.array(z.string()).optional().describe('Kinds of content that are sent; texts alone when it is absent'),
  asText: z.array(z.string()).optional().describe('Of them, those that go as numbered text'),
  groupKinds: z.array(z.string()).optional().describe('Of them, those that a group takes; all when it is absent'),
  limits: outboundLimits.optional().describe('What a message may have at most, in characters or pieces'),
  files: fileLimits.optional().describe('Types and sizes of the files that are sent'),
});
export type Capabilities = z.infer<typeof capabilities>;

const dispatchError = z.object({ code: z.string(), message: z.string() }).nullable();
const dispatch = z.object({
  messageId: uuid(),
  channelId: uuid(),
  state: z.enum(['queued', 'sending', 'sent', 'failed', 'uncertain']),
  queuedAt: isoTime(),
  dueAt: isoTime().nullable().describe('When a queued one is tried next'),
  error: dispatchError,
  attempts: z
    .array(
      z.object({
        number: z.number().int(),
        startedAt: isoTime().nullable().describe('null: its process died'),
        endedAt: isoTime(),
        result: z.enum(['sent', 'retry', 'failed', 'uncertain']),
        providerMessageId: z.string().nullable(),
        error: dispatchError,
      }),
    )
    .describe('Each try and its answer, the oldest first; kept for 90 days'),
});

/** Webhooks themselves travel as raw frames: see wire/webhook-frames.ts (`POST FRAMES_PATH`). */
export const connectorApi = defineApi({
  ...webhookEndpointRoutes,
  ...templateRoutes,
  createChannel: route({
    method: 'POST',
    path: '/channels',
    access: 'whatsapp.numbers.manage',
    once: true,
    body: z.strictObject({
      name: text(120),
      provider: z.enum(PROVIDERS).optional().describe("Without it: the installation's own server"),
      phone: z
        .string()
        .min(5)
        .max(32)
        .nullable()
        .default(null)
        .describe('Normalised to E.164; null: what the linked phone says'),
      credentials: z
        .record(z.string(), z.unknown())
        .nullable()
        .default(null)
        .describe("As the provider's driver wants them; null: the installation's own server"),
      connect: z.boolean().default(true).describe('Begin to link at once, for phones'),
      settings: channelSettings.default({}),
      dailyMessageLimit: z.number().int().min(1).max(10_000_000).nullable().default(null),
      ratePerMinute: z.number().int().min(1).max(60_000).nullable().default(null),
      webhookUrl: z
        .url({ protocol: /^https?$/ })
        .max(2048)
        .nullable()
        .default(null),
    }),
    responses: { 201: channel },
    audit: 'channel.create',
    live: true,
    summary:
      'Connect a number (whatsapp.numbers.manage). A number the tenant holds already: 409. Beyond the plan: 403 maxChannels. Only credentials that the provider accepts for it give the tenant the number; what it said is its status',
  }),
  listChannels: route({
    method: 'GET',
    path: '/channels',
    access: 'whatsapp.numbers.read',
    query: z.strictObject({
      ids: idList(200).optional(),
      status: z.enum(CHANNEL_STATUSES).optional(),
      provider: z.enum(PROVIDERS).optional(),
      limit: z.coerce.number().int().min(1).max(500).default(200),
      after: uuid().optional().describe('Id of the last channel of the page before'),
    }),
    responses: { 200: z.object({ items: z.array(channel), total: z.number().int() }) },
    summary: "The tenant's channels, oldest first",
  }),
  countChannels: route({
    method: 'GET',
    path: '/channels-count',
    access: 'whatsapp.numbers.read',
    responses: { 200: z.object({ total: z.number().int(), connected: z.number().int() }) },
    summary: 'How many channels the tenant has, against its plan',
  }),
  getChannel: route({
    method: 'GET',
    path: '/channels/:channelId',
    access: 'whatsapp.numbers.read',
    callers: ['conversation'],
    params: z.strictObject({ channelId: uuid() }),
    responses: { 200: channel },
    summary: 'One channel',
  }),
  listProviders: route({
    method: 'GET',
    path: '/providers',
    access: 'anyone',
    callers: ['conversation'],
    responses: { 200: z.object({ items: z.array(z.object({ name: z.string(), capabilities })) }) },
    summary: 'The providers that this version speaks to',
  }),
  verifyWebhook: route({
    method: 'GET',
    path: '/webhooks/:provider/verify',
    access: 'anyone',
    params: z.strictObject({ provider: z.enum(PROVIDERS) }),
    query: z.strictObject({
      channelId: uuid().optional(),
      mode: z.string().max(64).optional(),
      verifyToken: z.string().max(256).optional(),
    }),
    responses: { 200: z.object({ ok: z.literal(true) }) },
    summary: "A provider's verification of a webhook; wrong token: 403; unknown channel: 404",
  }),
  getChannelHealth: route({
    method: 'GET',
    path: '/channels/:channelId/health',
    access: 'whatsapp.numbers.read',
    params: z.strictObject({ channelId: uuid() }),
    responses: { 200: channel },
    summary: 'One channel with its health, measured now unless that was done within a minute',
  }),
  getLinkCode: route({
    method: 'GET',
    path: '/channels/:channelId/code',
    access: 'whatsapp.numbers.manage',
    params: z.strictObject({ channelId: uuid() }),
    responses: { 200: z.object({ status: z.enum(CHANNEL_STATUSES), code: linkCode.nullable() }) },
    summary: 'The code that links the phone now, null while there is none (whatsapp.numbers.manage)',
  }),
  updateChannel: route({
    method: 'PUT',
    path: '/channels/:channelId',
    access: 'whatsapp.numbers.manage',
    params: z.strictObject({ channelId: uuid() }),
    body: z
      .strictObject({
        name: text(120),
        credentials: z.record(z.string(), z.unknown()).describe('Those that change, as the driver names them'),
        settings: channelSettings.describe('Those that change'),
        dailyMessageLimit: z.number().int().min(1).max(10_000_000).nullable(),
        ratePerMinute: z.number().int().min(1).max(60_000).nullable(),
        webhookUrl: z
          .url({ protocol: /^https?$/ })
          .max(2048)
          .nullable(),
      })
      .partial()
      .refine(oneOrMore, withCode('no_fields')),
    responses: { 200: channel },
    audit: 'channel.update',
    live: true,
    summary:
      'Change a channel (whatsapp.numbers.manage). Credentials that the provider does not accept change nothing: 422 naming `credentials`',
  }),
  disconnectChannel: route({
    method: 'POST',
    path: '/channels/:channelId/disconnect',
    access: 'whatsapp.numbers.manage',
    once: { none: 'A channel that is disconnected stays so' },
    params: z.strictObject({ channelId: uuid() }),
    responses: { 200: channel },
    audit: 'channel.disconnect',
    live: true,
    summary:
      'Send and receive nothing on a channel until it is connected again; a linked phone is logged out (whatsapp.numbers.manage)',
  }),
  reconnectChannel: route({
    method: 'POST',
    path: '/channels/:channelId/reconnect',
    access: 'whatsapp.numbers.manage',
    once: { none: 'A second check finds the same' },
    params: z.strictObject({ channelId: uuid() }),
    query: z.strictObject({ code: z.enum(['qr', 'pairing']).default('qr') }),
    responses: { 200: channel },
    audit: 'channel.reconnect',
    live: true,
    summary:
      'Prove the number again with the kept credentials, or begin to link its phone (whatsapp.numbers.manage); the status says the result',
  }),
  removeChannel: route({
    method: 'DELETE',
    path: '/channels/:channelId',
    access: 'whatsapp.numbers.manage',
    params: z.strictObject({ channelId: uuid() }),
    responses: { 204: z.null() },
    audit: 'channel.delete',
    live: true,
    summary:
      'Remove a channel (whatsapp.numbers.manage): its conversations stay readable, its number is free for a new proof',
  }),
  showTyping: route({
    method: 'POST',
    path: '/channels/:channelId/typing',
    access: 'messages.create',
    callers: ['conversation'],
    once: { none: 'The sign goes away by itself' },
    params: z.strictObject({ channelId: uuid() }),
    body: z.strictObject({
      providerMessageId: z.string().min(1).max(512).describe("The customer's last message"),
      to: recipientAddress,
    }),
    responses: { 200: z.object({ shown: z.boolean().describe('The provider was asked to') }) },
    audit: { none: 'a passing sign that nothing keeps' },
    summary: 'Show a customer that an agent is typing (messages.create), as far as the provider can',
  }),
  getDispatch: route({
    method: 'GET',
    path: '/dispatches/:messageId',
    access: 'messages.read',
    params: z.strictObject({ messageId: uuid() }),
    responses: { 200: dispatch },
    summary: 'How a message of the tenant was sent. A message that no send was asked for: 404',
  }),
  listDispatchesByIds: route({
    method: 'GET',
    path: '/dispatches-by-id',
    access: 'messages.read',
    query: z.strictObject({ ids: idList(100) }),
    responses: { 200: z.object({ items: z.array(dispatch) }) },
    summary: 'How several messages were sent, for hydration; unknown ids are left out',
  }),
  getQueue: route({
    method: 'GET',
    path: '/queue',
    access: 'whatsapp.numbers.read',
    responses: {
      200: z.object({
        waiting: z.number().int(),
        active: z.number().int(),
        delayed: z.number().int().describe('Waiting for their next try'),
        completed: z.number().int().describe('Within the last 24 hours'),
        failed: z.number().int().describe('Within the last 24 hours'),
        paused: z.boolean().describe('There are numbers, and none of them is connected'),
        resting: z
          .array(z.object({ channelId: uuid(), until: isoTime(), reason: z.string() }))
          .describe('Numbers whose provider does not answer: one message at a time is tried'),
      }),
    },
    summary: "The tenant's messages on their way out",
  }),
  ...numberCodeRoutes,
  ...fileRoutes,
});
