import { z } from 'zod';
import { withCode } from '../errors.ts';
import { outboundContent } from '../outbound-content.ts';
import { isoTime, oneOrMore, uuid, walked, walkQuery } from '../primitives.ts';
import { route } from '../route.ts';
import { cannedUse } from './canned-answers.ts';

/** Messages that wait in one chat, and of one tenant. */
export const MAX_SCHEDULED_IN_CHAT = 50;
export const MAX_SCHEDULED = 5000;
/** No message is sent later than this many days from now. */
export const MAX_SCHEDULE_DAYS = 365;
export const SCHEDULED_STATUSES = ['scheduled', 'sent', 'cancelled', 'failed'] as const;

export const scheduledMessage = z
  .object({
    id: uuid(),
    conversationId: uuid(),
    userId: uuid().nullable().describe('Who wrote it. Null for an API key'),
    content: outboundContent,
    sendAt: isoTime(),
    cancelOnReply: z.boolean(),
    status: z.enum(SCHEDULED_STATUSES),
    reason: z
      .string()
      .nullable()
      .describe('Cancelled: `user`, `customer_wrote`. Failed: the code of the refusal, `late` or `author_gone`'),
    error: z.string().nullable().describe('What the refusal said'),
    messageId: uuid().nullable().describe('The message that it became'),
    settledAt: isoTime().nullable(),
    createdAt: isoTime(),
    updatedAt: isoTime(),
  })
  .meta({ id: 'ScheduledMessage' });
export type ScheduledMessage = z.infer<typeof scheduledMessage>;

const params = z.strictObject({ conversationId: uuid() });
const one = params.extend({ scheduledId: uuid() });
const sendAt = isoTime().describe(`In the future, at most ${MAX_SCHEDULE_DAYS} days`);
const cancelOnReply = z.boolean().describe('The customer writes before: it is not sent');

/** Messages that a chat sends later, through the same checks as any other, at that time. */
export const scheduledMessageRoutes = {
  listScheduledMessages: route({
    method: 'GET',
    path: '/conversations/:conversationId/scheduled-messages',
    access: 'messages.read',
    params,
    query: z.strictObject({ status: z.enum(SCHEDULED_STATUSES).optional(), ...walkQuery }),
    responses: { 200: walked(scheduledMessage) },
    summary: 'What a conversation sends later, and what became of it, by its time (messages.read). Kept 90 days',
  }),
  getScheduledMessage: route({
    method: 'GET',
    path: '/conversations/:conversationId/scheduled-messages/:scheduledId',
    access: 'messages.read',
    params: one,
    responses: { 200: scheduledMessage },
    summary: 'One of them (messages.read)',
  }),
  scheduleMessage: route({
    method: 'POST',
    path: '/conversations/:conversationId/scheduled-messages',
    access: 'messages.create',
    once: true,
    params,
    body: z
      .strictObject({
        content: outboundContent.optional(),
        canned: cannedUse.optional(),
        sendAt,
        cancelOnReply: cancelOnReply.default(false),
      })
      .refine(({ content, canned }) => (content === undefined) !== (canned === undefined), {
        ...withCode('required'),
        path: ['content'],
      }),
    responses: { 201: scheduledMessage },
    audit: 'scheduled_message.create',
    summary: `Send a message later (messages.create). The reply window, consent and the plan count at that time. At most ${MAX_SCHEDULED_IN_CHAT} wait in a chat`,
  }),
  updateScheduledMessage: route({
    method: 'PATCH',
    path: '/conversations/:conversationId/scheduled-messages/:scheduledId',
    access: 'messages.create',
    params: one,
    body: z
      .strictObject({
        content: outboundContent,
        canned: cannedUse.describe('Instead of content'),
        sendAt,
        cancelOnReply,
      })
      .partial()
      .refine(oneOrMore, withCode('no_fields')),
    responses: { 200: scheduledMessage },
    audit: 'scheduled_message.update',
    summary: 'Change one that waits (messages.create). Another time moves it. No longer waiting: 409',
  }),
  cancelScheduledMessage: route({
    method: 'DELETE',
    path: '/conversations/:conversationId/scheduled-messages/:scheduledId',
    access: 'messages.create',
    params: one,
    responses: { 200: scheduledMessage },
    audit: 'scheduled_message.cancel',
    summary: 'Cancel one that waits (messages.create). One that was cancelled stays so; sent or failed: 409',
  }),
};
