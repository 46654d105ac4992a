import { z } from 'zod';
import { withCode } from '../errors.ts';
import type { Permission } from '../permissions.ts';
import { cursor, isoTime, oneOrMore, text, uuid, walked, walkQuery } from '../primitives.ts';
import { route } from '../route.ts';

/** The events that go out as webhooks, and what their subscriber must be allowed to see. */
export const WEBHOOK_PERMISSIONS = {
  'message.created': 'messages.read',
  'message.updated': 'messages.read',
  'message.uncertain': 'messages.read',
  'conversation.created': 'chats.read',
  'conversation.updated': 'chats.read',
  'conversation.handed-off': 'chats.read',
  'sla.warned': 'chats.read',
  'sla.breached': 'chats.read',
  'rule.fired': 'chats.read',
  'contact.created': 'contacts.read',
  'contact.updated': 'contacts.read',
  'contact.deleted': 'contacts.read',
  'survey.answered': 'chats.read',
  'task.due': 'chats.read',
  'channel.status-changed': 'whatsapp.numbers.read',
  'channel.updated': 'whatsapp.numbers.read',
  'channel.limited': 'whatsapp.numbers.read',
  'channel.removed': 'whatsapp.numbers.read',
  'template.changed': 'templates.read',
  'template.removed': 'templates.read',
  'broadcast.finished': 'messages.read',
} as const satisfies Record<string, Permission>;
export type WebhookEventName = keyof typeof WEBHOOK_PERMISSIONS;
export const WEBHOOK_EVENT_NAMES = Object.keys(WEBHOOK_PERMISSIONS) as [WebhookEventName, ...WebhookEventName[]];
/** What a test is called in the log of deliveries. */
export const WEBHOOK_TEST = 'webhook.test';

/** Beside those of channels. */
export const MAX_WEBHOOK_ENDPOINTS = 50;
export const WEBHOOK_DISABLED_REASONS = ['user', 'gone', 'failing'] as const;
export const DELIVERY_STATUSES = ['pending', 'delivered', 'failed'] as const;

/** An endpoint without its secrets: those are shown once. */
export const webhookEndpoint = z
  .object({
    id: uuid(),
    name: z.string(),
    url: z.string(),
    eventTypes: z.array(z.string()).describe('Empty: all'),
    channelIds: z.array(uuid()).describe('Empty: of every channel, and what is about none'),
    channelId: uuid().nullable().describe('The channel whose own `webhookUrl` it is: changed with the channel'),
    enabled: z.boolean(),
    disabledReason: z.enum(WEBHOOK_DISABLED_REASONS).nullable(),
    disabledAt: isoTime().nullable(),
    failingSince: isoTime().nullable().describe('Every try since then failed'),
    lastSuccessAt: isoTime().nullable().describe('Noted at most once a minute'),
    previousSecretUntil: isoTime().nullable().describe('Until then the former secret signs as well'),
    createdAt: isoTime(),
    updatedAt: isoTime(),
  })
  .meta({ id: 'WebhookEndpoint' });
export type WebhookEndpoint = z.infer<typeof webhookEndpoint>;

export const webhookAttempt = z.object({
  at: isoTime(),
  durationMs: z.number().int(),
  status: z.number().int().nullable().describe('null: there was no answer'),
  error: z.string().nullable(),
  response: z.string().nullable().describe('The first 1,024 characters of the answer'),
});
export type WebhookAttempt = z.infer<typeof webhookAttempt>;

const deliveryFields = {
  id: uuid(),
  endpointId: uuid(),
  eventId: uuid().describe('The `webhook-id` of every try'),
  eventType: z.string(),
  status: z.enum(DELIVERY_STATUSES),
  tries: z.number().int().describe('Since it was ordered, or replayed'),
  nextTryAt: isoTime().nullable(),
  createdAt: isoTime(),
  endedAt: isoTime().nullable(),
  erasedAt: isoTime().nullable().optional().describe('With its contact: no content is left, and no replay'),
  attempts: z.array(webhookAttempt).describe('The last 20, the oldest first'),
};
export const webhookDelivery = z.object(deliveryFields).meta({ id: 'WebhookDelivery' });
export type WebhookDelivery = z.infer<typeof webhookDelivery>;

const endpointParams = z.strictObject({ endpointId: uuid() });
const deliveryParams = z.strictObject({ deliveryId: uuid() });
const url = z.url({ protocol: /^https?$/, ...withCode('url') }).max(2048);
const eventTypes = z.array(z.enum(WEBHOOK_EVENT_NAMES)).max(100);
const channelIds = z.array(uuid()).max(200);
const withSecret = z.object({
  endpoint: webhookEndpoint,
  secret: z.string().describe('`whsec_` and base64; shown this once'),
});

const replay = z.object({
  id: uuid(),
  state: z.enum(['scheduled', 'queued', 'running', 'done', 'dead']),
  replayed: z.number().int(),
});
export type WebhookReplay = z.infer<typeof replay>;

/** Part of the connector's API. */
export const webhookEndpointRoutes = {
  createWebhookEndpoint: route({
    method: 'POST',
    path: '/webhook-endpoints',
    access: 'webhooks.manage',
    once: true,
    body: z.strictObject({
      name: text(120),
      url,
      eventTypes: eventTypes.default([]),
      channelIds: channelIds.default([]),
    }),
    responses: { 201: withSecret },
    audit: 'webhook_endpoint.create',
    live: true,
    summary: `Send events to an address (webhooks.manage). Events that the caller may not see: 403. More than ${MAX_WEBHOOK_ENDPOINTS}: 409`,
  }),
  listWebhookEndpoints: route({
    method: 'GET',
    path: '/webhook-endpoints',
    access: 'webhooks.manage',
    query: z.strictObject({
      ...walkQuery,
      channelId: uuid().optional().describe("The one that a channel's address is"),
    }),
    responses: { 200: walked(webhookEndpoint) },
    summary: "The tenant's endpoints, oldest first (webhooks.manage)",
  }),
  getWebhookEndpoint: route({
    method: 'GET',
    path: '/webhook-endpoints/:endpointId',
    access: 'webhooks.manage',
    params: endpointParams,
    responses: { 200: webhookEndpoint },
    summary: 'One endpoint (webhooks.manage)',
  }),
  updateWebhookEndpoint: route({
    method: 'PUT',
    path: '/webhook-endpoints/:endpointId',
    access: 'webhooks.manage',
    params: endpointParams,
    body: z
      .strictObject({ name: text(120), url, eventTypes, channelIds, enabled: z.boolean() })
      .partial()
      .refine(oneOrMore, withCode('no_fields')),
    responses: { 200: webhookEndpoint },
    audit: 'webhook_endpoint.update',
    live: true,
    summary:
      'Change an endpoint (webhooks.manage). Switched off, what waits for it fails; switched on, it gets what happens from then on',
  }),
  deleteWebhookEndpoint: route({
    method: 'DELETE',
    path: '/webhook-endpoints/:endpointId',
    access: 'webhooks.manage',
    params: endpointParams,
    responses: { 204: z.null() },
    audit: 'webhook_endpoint.delete',
    live: true,
    summary: 'Remove an endpoint with its secrets (webhooks.manage). Of a channel: its `webhookUrl` too',
  }),
  rotateWebhookSecret: route({
    method: 'POST',
    path: '/webhook-endpoints/:endpointId/secret',
    access: 'webhooks.manage',
    once: true,
    params: endpointParams,
    body: z.strictObject({
      overlapHours: z.number().int().min(0).max(168).default(24).describe('How long the former one signs as well'),
    }),
    responses: { 200: withSecret },
    audit: 'webhook_endpoint.rotate',
    live: true,
    summary: 'Give an endpoint a new secret (webhooks.manage)',
  }),
  testWebhookEndpoint: route({
    method: 'POST',
    path: '/webhook-endpoints/:endpointId/test',
    access: 'webhooks.manage',
    once: { none: 'Each call sends a test of its own' },
    params: endpointParams,
    responses: { 201: webhookDelivery },
    audit: { none: 'changes nothing; the delivery log shows it' },
    summary: 'Send `webhook.test` to an endpoint (webhooks.manage). Switched off: 409',
  }),
  listWebhookDeliveries: route({
    method: 'GET',
    path: '/webhook-endpoints/:endpointId/deliveries',
    access: 'webhooks.manage',
    params: endpointParams,
    query: z.strictObject({
      limit: z.coerce.number().int().min(1).max(100).default(20),
      cursor: cursor(),
      status: z.enum(DELIVERY_STATUSES).optional(),
      eventType: z.string().max(100).optional(),
      since: isoTime().optional(),
      until: isoTime().optional(),
    }),
    responses: { 200: z.object({ items: z.array(webhookDelivery), nextCursor: z.string().nullable() }) },
    summary: 'What was sent to an endpoint, the latest first; kept for 30 days (webhooks.manage)',
  }),
  getWebhookDelivery: route({
    method: 'GET',
    path: '/webhook-deliveries/:deliveryId',
    access: 'webhooks.manage',
    params: deliveryParams,
    responses: { 200: webhookDelivery.extend({ payload: z.record(z.string(), z.unknown()) }) },
    summary: 'One delivery with its payload (webhooks.manage)',
  }),
  replayWebhookDelivery: route({
    method: 'POST',
    path: '/webhook-deliveries/:deliveryId/replay',
    access: 'webhooks.manage',
    once: { none: 'One that waits is not ordered again' },
    params: deliveryParams,
    responses: { 200: webhookDelivery },
    audit: 'webhook_endpoint.replay',
    live: true,
    summary: 'Send one again, with all its tries and the same `webhook-id` (webhooks.manage). Switched off: 409',
  }),
  replayFailedWebhooks: route({
    method: 'POST',
    path: '/webhook-endpoints/:endpointId/replay',
    access: 'webhooks.manage',
    once: { none: 'What was replayed has failed no more' },
    params: endpointParams,
    body: z.strictObject({ since: isoTime() }),
    responses: { 202: replay },
    audit: 'webhook_endpoint.replay',
    live: true,
    summary: 'Send again all that failed since a time (webhooks.manage). Switched off: 409',
  }),
  getWebhookReplay: route({
    method: 'GET',
    path: '/webhook-replays/:replayId',
    access: 'webhooks.manage',
    params: z.strictObject({ replayId: uuid() }),
    responses: { 200: replay },
    summary: 'How far a replay is; known for a week (webhooks.manage)',
  }),
};
