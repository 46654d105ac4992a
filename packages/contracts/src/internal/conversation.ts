import { z } from 'zod';
import { withCode } from '../errors.ts';
import { statusDetails } from '../message-details.ts';
import { outboundContent } from '../outbound-content.ts';
import { characters, cursor, idList, isoTime, phonePart, uuid } from '../primitives.ts';
import { defineApi, route } from '../route.ts';
import { campaignRoutes } from './campaigns.ts';
import { contactProfile, contactRoutes, groupRoutes } from './contacts.ts';
import { moveRoutes } from './conversation-moves.ts';
import { conversation, message, PRIORITIES } from './conversation-records.ts';
import { noteRoutes, tagRoutes } from './conversation-tags.ts';
import { customFieldRoutes } from './custom-fields.ts';
import { exportRoutes } from './exports.ts';
import { importRoutes } from './imports.ts';
import { messageSearchRoutes } from './message-search.ts';
import { CONVERSATION_STATUSES } from './statuses.ts';
import { taskRoutes } from './tasks.ts';

export * from './conversation-moves.ts';
export * from './conversation-records.ts';
export * from './conversation-tags.ts';
export * from './message-search.ts';
export * from './tasks.ts';

/** A text, or content of any kind. */
const outbound = {
  text: characters(4096).optional().describe('WhatsApp takes 4,096 characters'),
  content: outboundContent.optional(),
};
const oneOutbound = (body: { text?: string | undefined; content?: unknown }) =>
  (body.text === undefined) !== (body.content === undefined);
const required = { ...withCode('required'), path: ['text'] };
const sent = z.object({ message, conversation });

/** Alone, as ai-responder needs no other: bundles leave the rest out. */
export const getThread = route({
  method: 'GET',
  path: '/conversations/:conversationId/thread',
  access: 'messages.read',
  callers: ['ai-responder'],
  params: z.strictObject({ conversationId: uuid() }),
  query: z.strictObject({ limit: z.coerce.number().int().min(1).max(100).default(10) }),
  responses: { 200: z.object({ conversation, messages: z.array(message) }) },
  summary: 'A conversation with its latest messages, oldest first',
});

export const conversationApi = defineApi({
  ...contactRoutes,
  ...groupRoutes,
  ...exportRoutes,
  ...importRoutes,
  ...moveRoutes,
  ...customFieldRoutes,
  ...tagRoutes,
  ...noteRoutes,
  ...taskRoutes,
  ...campaignRoutes,
  ...messageSearchRoutes,
  sendMessage: route({
    method: 'POST',
    path: '/conversations/:conversationId/messages',
    access: 'messages.create',
    once: true,
    params: z.strictObject({ conversationId: uuid() }),
    body: z.strictObject({ type: z.literal('text').optional(), ...outbound }).refine(oneOutbound, required),
    responses: { 201: sent },
    audit: 'message.create',
    summary:
      'Accept a message for sending (messages.create). Outside its provider’s reply window: 422 outside_window. Content beyond what its provider takes: 422 with the field',
  }),
  sendToPhone: route({
    method: 'POST',
    path: '/channels/:channelId/messages',
    access: 'messages.create',
    once: true,
    params: z.strictObject({ channelId: uuid() }),
    body: z.strictObject({ to: z.string().min(5).max(32), ...outbound }).refine(oneOutbound, required),
    responses: { 201: sent },
    audit: 'message.create',
    summary:
      "Write to a phone from a channel: finds or makes the contact and the open conversation. Beyond the plan's month or conversations: 403 maxMessages, maxConversations",
  }),
  sendBulk: route({
    method: 'POST',
    path: '/channels/:channelId/messages-bulk',
    access: 'messages.create',
    once: true,
    params: z.strictObject({ channelId: uuid() }),
    body: z
      .strictObject({
        to: z.array(z.string().min(5).max(32)).min(1).max(1000),
        ...outbound,
        delayMs: z.number().int().min(0).max(60_000).default(0).describe('Between one message and the next'),
      })
      .refine(oneOutbound, required),
    responses: {
      201: z.object({
        items: z.array(z.object({ messageId: uuid(), conversationId: uuid(), phone: z.string() })),
      }),
    },
    audit: 'message.bulk',
    summary:
      'Write the same to many phones, all or none; each contact gets one. Replies to customers go before them, and no conversation changes hands',
  }),
  getUsage: route({
    method: 'GET',
    path: '/usage',
    access: 'tenant.read',
    responses: {
      200: z.object({
        messages: z.number().int().describe('Sent in the period: by people, the AI, broadcasts'),
        openConversations: z.number().int(),
        period: z.object({ start: isoTime(), end: isoTime() }).describe("The calendar month in the tenant's time zone"),
      }),
    },
    summary: "What counts against the tenant's plan",
  }),
  listConversations: route({
    method: 'GET',
    path: '/conversations',
    access: 'chats.read',
    query: z.strictObject({
      statuses: z
        .preprocess((v) => (typeof v === 'string' ? v.split(',') : v), z.array(z.enum(CONVERSATION_STATUSES)))
        .optional(),
      archived: z.stringbool().optional(),
      channelId: uuid().optional(),
      assignedUserId: uuid().optional(),
      campaignId: uuid().optional(),
      priority: z.enum(PRIORITIES).optional(),
      search: z.string().trim().max(120).optional().describe("Contact's name or phone"),
      from: isoTime().optional().describe('Created at or after'),
      to: isoTime().optional(),
      limit: z.coerce.number().int().min(1).max(100).default(20),
      cursor: cursor().describe('Walks by creation, the newest first'),
      page: z.coerce
        .number()
        .int()
        .min(1)
        .max(10_000)
        .optional()
        .describe('For documents that count pages; at most 10,000 rows deep'),
      count: z.stringbool().default(true).describe('Whether to count the total'),
    }),
    responses: {
      200: z.object({
        items: z.array(conversation),
        total: z.number().int().nullable(),
        nextCursor: z.string().nullable(),
      }),
    },
    summary: 'Conversations, the last active first; by cursor the last created first',
  }),
  getConversation: route({
    method: 'GET',
    path: '/conversations/:conversationId',
    access: 'chats.read',
    params: z.strictObject({ conversationId: uuid() }),
    responses: {
      200: conversation.extend({
        contact: contactProfile,
        participants: z
          .array(
            z.object({
              address: z.string(),
              name: z.string().nullable(),
              phone: z.string().nullable(),
              isAdmin: z.boolean().optional(),
              lastMessageAt: isoTime().nullable(),
            }),
          )
          .optional()
          .describe('Of a group: who takes part, the latest to write first'),
      }),
    },
    summary: 'One conversation; a group with its participants',
  }),
  listConversationsByIds: route({
    method: 'GET',
    path: '/conversations-by-id',
    access: 'chats.read',
    query: z.strictObject({ ids: idList(200) }),
    responses: { 200: z.object({ items: z.array(conversation) }) },
    summary: 'Several conversations at once, for hydration; unknown ids are left out',
  }),
  listMessages: route({
    method: 'GET',
    path: '/conversations/:conversationId/messages',
    access: 'messages.read',
    params: z.strictObject({ conversationId: uuid() }),
    query: z.strictObject({
      limit: z.coerce.number().int().min(1).max(100).default(50),
      offset: z.coerce.number().int().min(0).max(1_000_000).default(0),
      before: uuid().optional().describe('Messages older than this one'),
      after: uuid().optional().describe('Messages newer than this one'),
      cursor: cursor().describe('Beats `offset`; not with `before` or `after`'),
      order: z.enum(['asc', 'desc']).default('asc').describe('asc: the oldest first, as a thread is read'),
      count: z.stringbool().default(true),
    }),
    responses: {
      200: z.object({
        items: z.array(message),
        total: z.number().int().nullable(),
        hasMore: z.boolean(),
        nextCursor: z.string().nullable().describe('null with `before` or `after` too'),
      }),
    },
    summary: "A conversation's messages by provider time, then arrival",
  }),
  countMessages: route({
    method: 'GET',
    path: '/conversations/:conversationId/message-counts',
    access: 'messages.read',
    params: z.strictObject({ conversationId: uuid() }),
    responses: {
      200: z.object({
        items: z.array(
          message.pick({ direction: true, status: true }).extend({ count: z.number().int().describe('At least 1') }),
        ),
      }),
    },
    summary: "A conversation's messages by direction and status; reactions and notices do not count",
  }),
  /** For ai-responder: the last messages, oldest first, in one round trip. */
  getThread,
  getMessage: route({
    method: 'GET',
    path: '/messages/:messageId',
    access: 'messages.read',
    params: z.strictObject({ messageId: uuid() }),
    responses: {
      200: z.object({
        message,
        statuses: z
          .array(
            z.object({
              status: z.enum(['sent', 'delivered', 'read', 'failed']),
              source: z.enum(['webhook', 'dispatch']).describe("The provider's tick, or the send's own result"),
              at: isoTime().describe("The provider's time"),
              recordedAt: isoTime(),
              error: z.object({ code: z.string(), message: z.string() }).nullable(),
              details: statusDetails.nullable(),
            }),
          )
          .describe('Every report of an outbound message, the oldest first; kept for 90 days'),
        former: z
          .array(message.pick({ type: true, content: true, details: true }).extend({ at: isoTime() }))
          .optional()
          .describe('What it was before its writer changed it, the oldest first; only for holders of audit.read'),
        retryOf: uuid().nullable().describe('The failed message that this one sends again'),
        retriedBy: uuid().nullable().describe('The message that sends this one again'),
      }),
    },
    summary: 'A message and all that was reported of it',
  }),
  listUndelivered: route({
    method: 'GET',
    path: '/messages-undelivered',
    access: 'messages.read',
    query: z.strictObject({
      channelId: uuid().optional(),
      code: z.string().trim().min(1).max(64).optional().describe("The error's"),
      contactId: uuid().optional(),
      phone: phonePart().optional().describe("A part of the customer's"),
      from: isoTime().optional().describe('Failed at or after; 30 days ago unless said. Reports are kept for 90 days'),
      to: isoTime().optional(),
      limit: z.coerce.number().int().min(1).max(100).default(20),
      cursor: cursor(),
    }),
    responses: {
      200: z.object({
        items: z.array(
          z.object({
            message,
            contact: z.object({ id: uuid(), name: z.string().nullable(), phone: z.string().nullable() }),
            failedAt: isoTime().describe('Of one that is uncertain, since when'),
            // A conversation service of the version before gives neither.
            state: z.enum(['failed', 'uncertain']).optional(),
            settles: z
              .object({
                by: z.enum(['status', 'person']).describe("The provider's status, or a person who asks the customer"),
                until: isoTime().nullable().describe('Without a status by then it counts as failed'),
              })
              .nullable()
              .optional()
              .describe('Of one whose fate is unknown: what will tell it'),
            retriedBy: uuid().nullable().describe('The message that sends this one again'),
          }),
        ),
        nextCursor: z.string().nullable(),
      }),
    },
    summary: 'Messages that failed and why, also those of an unknown fate; the last to fail first',
  }),
  markRead: route({
    method: 'POST',
    path: '/messages-read',
    access: 'chats.update',
    once: { none: 'A message that was read stays so' },
    body: z.strictObject({
      messageIds: z.array(uuid()).min(1).max(100),
      conversationId: uuid().optional().describe('Theirs: a message of another one counts as unknown'),
    }),
    responses: {
      200: z.object({
        items: z.array(
          z.object({
            messageId: uuid(),
            conversationId: uuid(),
            readAt: isoTime().nullable().describe('By a person here, or of an outbound one by the customer'),
          }),
        ),
        conversations: z.array(z.object({ conversationId: uuid(), unreadCount: z.number().int() })),
      }),
    },
    audit: { none: 'who looks at a chat changes nothing that is kept about the customer' },
    summary:
      'Received messages were read by a person (chats.update): these and all before them in their conversations. Outbound ones are left as they are',
  }),
  showTyping: route({
    method: 'POST',
    path: '/conversations/:conversationId/typing',
    access: 'messages.create',
    once: { none: 'The sign goes away by itself' },
    params: z.strictObject({ conversationId: uuid() }),
    responses: { 200: z.object({ shown: z.boolean() }) },
    audit: { none: 'a passing sign that nothing keeps' },
    summary:
      'Show the customer that an agent is typing (messages.create). Some providers mark their last message as read with it. Not shown: the customer has not written, the chat is closed, or the provider has no such sign',
  }),
  retryMessage: route({
    method: 'POST',
    path: '/messages/:messageId/retry',
    access: 'messages.create',
    once: { none: 'A failed message is sent again once: a repeated call gets the message that was made' },
    params: z.strictObject({ messageId: uuid() }),
    responses: { 201: sent },
    audit: 'message.retry',
    summary:
      'Send a failed message again, as a new one. Not failed, of an unknown fate, or of a kind that is not sent: 409',
  }),
  retryFailedMessages: route({
    method: 'POST',
    path: '/messages-retry-failed',
    access: 'whatsapp.numbers.manage',
    once: { none: 'Each failed message is sent again once' },
    responses: { 200: z.object({ retried: z.number().int(), skipped: z.number().int() }) },
    audit: { none: 'each message that is sent again has its own line, message.retry' },
    summary:
      'Send again what failed within a day and may still be sent: at most 100 messages a call, the latest first, each once',
  }),
});
