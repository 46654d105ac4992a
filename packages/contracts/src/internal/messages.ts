import { z } from 'zod';
import { statusDetails } from '../message-details.ts';
import { cursor, isoTime, phonePart, uuid } from '../primitives.ts';
import { route } from '../route.ts';
import { conversation, message } from './conversation-records.ts';

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

/** What reads messages, and marks them as read. */
export const messageRoutes = {
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
};
