import { z } from 'zod';
import { messageDetails } from '../message-details.ts';
import { isoTime, uuid } from '../primitives.ts';
import { contact } from './contacts.ts';
import { CONVERSATION_STATUSES } from './statuses.ts';

export const PRIORITIES = ['low', 'normal', 'high', 'urgent'] as const;
export const MESSAGE_STATUSES = ['pending', 'sent', 'delivered', 'read', 'failed'] as const;
export const MESSAGE_TYPES = [
  'text',
  'image',
  'video',
  'audio',
  'document',
  'sticker',
  'location',
  'contacts',
  'reaction',
  'button',
  'interactive',
  'template',
  'order',
  'system',
  'unsupported',
] as const;
export const AUTHORS = ['contact', 'user', 'ai', 'system'] as const;

export const message = z
  .object({
    id: uuid(),
    conversationId: uuid(),
    channelId: uuid(),
    direction: z.enum(['inbound', 'outbound']),
    type: z.enum(MESSAGE_TYPES),
    /** The writer's words; empty for kinds without any, of which `lineOf` makes a line. */
    content: z.string(),
    /** As before `details`, which new readers use. */
    metadata: z.record(z.string(), z.unknown()).nullable(),
    details: messageDetails.nullable().optional(),
    status: z.enum(MESSAGE_STATUSES),
    providerMessageId: z.string().nullable(),
    author: z.enum(AUTHORS),
    userId: uuid().nullable().describe('The user who wrote it'),
    aiModel: z.string().nullable(),
    error: z.object({ code: z.string(), message: z.string() }).nullable(),
    /** Provider time for inbound, acceptance for outbound. */
    sentTime: isoTime(),
    sentAt: isoTime().nullable(),
    deliveredAt: isoTime().nullable(),
    readAt: isoTime().nullable(),
    createdAt: isoTime(),
  })
  .meta({ id: 'Message' });
export type Message = z.infer<typeof message>;

export const tag = z
  .object({ id: uuid(), name: z.string(), color: z.string().describe('#RRGGBB') })
  .meta({ id: 'Tag' });
export type Tag = z.infer<typeof tag>;

export const SLA_TARGETS = ['first_response', 'next_response', 'resolution'] as const;
export type SlaTarget = (typeof SLA_TARGETS)[number];
export const slaClock = z
  .object({
    target: z.enum(SLA_TARGETS),
    startedAt: isoTime(),
    dueAt: isoTime().nullable().describe('Null while it stands, and when it falls due within no four years'),
    warnedAt: isoTime().nullable(),
    breachedAt: isoTime().nullable(),
    endedAt: isoTime().nullable().describe('Met, or not wanted any more'),
    stands: z.boolean().describe('The chat waits for the customer'),
  })
  .meta({ id: 'SlaClock' });

/** Counted with each message, since the version that brought them. */
const conversationMetrics = z.object({
  inboundCount: z.number().int().describe("The customer's messages"),
  reopenCount: z.number().int(),
  answerCount: z.number().int().describe('Answers of people to a customer who waited'),
  answerSeconds: z.number().int().describe('How long customers waited for these in all'),
});

export const conversation = z
  .object({
    id: uuid(),
    channelId: uuid(),
    contact,
    status: z.enum(CONVERSATION_STATUSES),
    archived: z.boolean(),
    priority: z.enum(PRIORITIES),
    assignedUserId: uuid().nullable(),
    campaignId: uuid().nullable(),
    unreadCount: z.number().int(),
    messageCount: z.number().int(),
    lastMessage: z
      .object({
        id: uuid(),
        content: z.string(),
        direction: z.enum(['inbound', 'outbound']),
        type: z.enum(MESSAGE_TYPES),
        time: isoTime(),
        isDeleted: z.boolean().optional().describe('Its writer deleted it'),
      })
      .nullable(),
    lastMessageAt: isoTime().nullable(),
    lastInboundAt: isoTime().nullable().describe('Opens the 24-hour window'),
    assignedAt: isoTime().nullable(),
    firstResponseAt: isoTime().nullable(),
    closedAt: isoTime().nullable(),
    createdAt: isoTime(),
    updatedAt: isoTime(),
    // A conversation service of the version before gives none of these.
    closing: z
      .object({ reason: z.string().nullable(), outcome: z.string().nullable(), value: z.number().nullable() })
      .nullable()
      .optional()
      .describe('Why it was closed and with what result; null while it is open'),
    snoozedUntil: isoTime().nullable().optional().describe('Put away until then, or until the customer writes'),
    metrics: conversationMetrics.optional(),
    tags: z.array(tag).optional().describe('In order of their names; absent in events'),
    awaitedSince: isoTime().nullable().optional().describe("The customer's first message without a person's answer"),
    sla: z.array(slaClock).nullable().optional().describe("Its campaign's targets; null: none; absent in events"),
  })
  .meta({ id: 'Conversation' });
export type Conversation = z.infer<typeof conversation>;
