import { z } from 'zod';
import { idList, isoTime, text, uuid } from '../primitives.ts';
import { defineApi, route } from '../route.ts';

export const PROVIDERS = ['meta', 'evolution', 'wppconnect'] as const;
export const CHANNEL_STATUSES = ['disconnected', 'connecting', 'qr', 'connected', 'error'] as const;

/** A channel without its credentials: those never leave the connector. */
export const channel = z
  .object({
    id: uuid(),
    name: z.string(),
    provider: z.enum(PROVIDERS),
    phone: z.string().nullable().describe('E.164'),
    status: z.enum(CHANNEL_STATUSES),
    key: z.string().describe('Short unguessable name, unique (saas: instanceKey)'),
    settings: z.record(z.string(), z.unknown()),
    dailyMessageLimit: z.number().int().nullable(),
    ratePerMinute: z.number().int().nullable(),
    /** For Meta: the phone_number_id messages are sent from. */
    providerId: z.string().nullable(),
    lastConnectedAt: isoTime().nullable(),
    lastError: z.string().nullable(),
    sentTotal: z.number().int(),
    receivedTotal: z.number().int(),
    createdAt: isoTime(),
    updatedAt: isoTime(),
  })
  .meta({ id: 'Channel' });
export type Channel = z.infer<typeof channel>;

const metaCredentials = z.strictObject({
  phoneNumberId: z.string().regex(/^\d{3,32}$/),
  businessAccountId: z
    .string()
    .regex(/^\d{3,32}$/)
    .optional(),
  accessToken: z.string().min(1).max(1024),
  /** Meta signs webhooks with it. Without one the installation's RECADO_META_APP_SECRET counts; with neither, webhooks are refused. */
  appSecret: z.string().min(8).max(256).optional(),
  verifyToken: z.string().min(1).max(256),
});

/** Webhooks themselves travel as raw frames: see wire/webhook-frames.ts (`POST /webhooks/meta/frames`). */
export const connectorApi = defineApi({
  createChannel: route({
    method: 'POST',
    path: '/channels',
    once: true,
    body: z.strictObject({
      name: text(120),
      provider: z.literal('meta'),
      phone: z.string().min(5).max(32).describe('Normalised to E.164'),
      credentials: metaCredentials,
      settings: z.record(z.string(), z.unknown()).default({}),
      dailyMessageLimit: z.number().int().min(1).max(10_000_000).nullable().default(null),
      ratePerMinute: z.number().int().min(1).max(60_000).nullable().default(null),
    }),
    responses: { 201: channel },
    audit: 'channel.create',
    live: true,
    summary:
      'Connect a Meta number (whatsapp.numbers.manage). A number the tenant holds already: 409. Beyond the plan: 403 maxChannels. Only a token that Graph accepts for it gives the tenant the number; what Graph said is its status',
  }),
  listChannels: route({
    method: 'GET',
    path: '/channels',
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
    responses: { 200: z.object({ total: z.number().int(), connected: z.number().int() }) },
    summary: 'How many channels the tenant has, against its plan',
  }),
  getChannel: route({
    method: 'GET',
    path: '/channels/:channelId',
    callers: ['conversation'],
    params: z.strictObject({ channelId: uuid() }),
    responses: { 200: channel },
    summary: 'One channel',
  }),
  verifyMetaWebhook: route({
    method: 'GET',
    path: '/webhooks/meta/verify',
    query: z.strictObject({
      channelId: uuid().optional(),
      mode: z.string().max(64).optional(),
      verifyToken: z.string().max(256).optional(),
    }),
    responses: { 200: z.object({ ok: z.literal(true) }) },
    summary: "Meta's verification; wrong token: 403; unknown channel: 404",
  }),
});
