import { z } from 'zod';
import { withCode } from '../errors.ts';
import { outboundContent } from '../outbound-content.ts';
import { characters, uuid } from '../primitives.ts';
import { route } from '../route.ts';
import { cannedUse } from './canned-answers.ts';
import { conversation, message } from './conversation-records.ts';

/** A text, or content of any kind. */
const outbound = {
  text: characters(4096).optional().describe('WhatsApp takes 4,096 characters'),
  content: outboundContent.optional(),
};
const oneOutbound = ({ text, content, canned }: { text?: string | undefined; content?: unknown; canned?: unknown }) =>
  [text, content, canned].filter((one) => one !== undefined).length === 1;
const required = { ...withCode('required'), path: ['text'] };
const sent = z.object({ message, conversation });

/** Sending, and sending again. */
export const sendRoutes = {
  sendMessage: route({
    method: 'POST',
    path: '/conversations/:conversationId/messages',
    access: 'messages.create',
    once: true,
    params: z.strictObject({ conversationId: uuid() }),
    body: z
      .strictObject({
        type: z.literal('text').optional(),
        ...outbound,
        canned: cannedUse.optional().describe('A canned answer, filled in here'),
        clearDraft: z.boolean().optional().describe("The writer's draft of the conversation goes with it"),
      })
      .refine(oneOutbound, required),
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
};
