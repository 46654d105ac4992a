import { z } from 'zod';
import { cursor, idList, isoTime, totalIsCapped, uuid } from '../primitives.ts';
import { defineApi, route } from '../route.ts';
import { boardRoutes } from './boards.ts';
import { campaignRoutes } from './campaigns.ts';
import { cannedAnswerRoutes } from './canned-answers.ts';
import { contactProfile, contactRoutes, groupRoutes } from './contacts.ts';
import { moveRoutes } from './conversation-moves.ts';
import { conversation, PRIORITIES } from './conversation-records.ts';
import { noteRoutes, tagRoutes } from './conversation-tags.ts';
import { customFieldRoutes } from './custom-fields.ts';
import { draftRoutes } from './drafts.ts';
import { erasureRoutes } from './erasures.ts';
import { exportRoutes } from './exports.ts';
import { importRoutes } from './imports.ts';
import { messageSearchRoutes } from './message-search.ts';
import { sendRoutes } from './message-sends.ts';
import { messageRoutes } from './messages.ts';
import { ruleRoutes } from './rules.ts';
import { scheduledMessageRoutes } from './scheduled-messages.ts';
import { CONVERSATION_STATUSES } from './statuses.ts';
import { survey, surveyRoutes } from './surveys.ts';
import { taskRoutes } from './tasks.ts';
import { timelineRoutes } from './timeline.ts';

export * from './canned-answers.ts';
export * from './conversation-moves.ts';
export * from './conversation-records.ts';
export * from './conversation-tags.ts';
export * from './drafts.ts';
export * from './message-search.ts';
export { getThread } from './messages.ts';
export * from './scheduled-messages.ts';
export * from './tag-name.ts';
export * from './tasks.ts';

export const conversationApi = defineApi({
  ...contactRoutes,
  ...erasureRoutes,
  ...timelineRoutes,
  ...groupRoutes,
  ...exportRoutes,
  ...importRoutes,
  ...moveRoutes,
  ...customFieldRoutes,
  ...tagRoutes,
  ...noteRoutes,
  ...taskRoutes,
  ...surveyRoutes,
  ...boardRoutes,
  ...campaignRoutes,
  ...messageSearchRoutes,
  ...cannedAnswerRoutes,
  ...draftRoutes,
  ...scheduledMessageRoutes,
  ...ruleRoutes,
  ...sendRoutes,
  ...messageRoutes,
  getUsage: route({
    method: 'GET',
    path: '/usage',
    access: 'tenant.read',
    responses: {
      200: z.object({
        messages: z.number().int().describe('Sent in the period: by people, the AI, broadcasts'),
        openConversations: z.number().int(),
        openConversationsIsCapped: totalIsCapped('up to 10,000', 'openConversations'),
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
      snoozed: z.stringbool().optional().describe('Put away now, or not'),
      channelId: uuid().optional(),
      assignedUserId: uuid().optional(),
      campaignId: uuid().optional(),
      priority: z.enum(PRIORITIES).optional(),
      sla: z.enum(['due', 'breached']).optional().describe('Open, with a target that runs, or that was missed'),
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
        totalIsCapped: totalIsCapped('up to 10,000; in a search for a frequent name up to 1,000, or fewer'),
        nextCursor: z.string().nullable(),
      }),
    },
    summary: 'Conversations, the last active first; by cursor the last created first',
  }),
  countConversations: route({
    method: 'GET',
    path: '/conversation-counts',
    access: 'chats.read',
    responses: {
      200: z.object({
        open: z.number().int().describe('Not closed and not snoozed; so are the next four'),
        unassigned: z.number().int(),
        mine: z.number().int().describe("The caller's"),
        unread: z.number().int().describe('With messages that no person has read'),
        mineUnread: z.number().int(),
        snoozed: z.number().int(),
        mineSnoozed: z.number().int(),
        byStatus: z.partialRecord(z.enum(CONVERSATION_STATUSES), z.number().int()).describe('Of the open ones'),
      }),
    },
    summary: 'How many conversations are open, by what lists filter (chats.read)',
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
        survey: survey.optional().describe('Of a closed one: the question to the customer'),
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
});
