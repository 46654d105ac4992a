import { z } from 'zod';
import { defineEvent } from '../event.ts';
import { conversation, MESSAGE_STATUSES, message } from '../internal/conversation.ts';
import { isoTime, uuid } from '../primitives.ts';

export const messageCreated = defineEvent(
  'conversation.message.created',
  1,
  z.object({
    message,
    conversation: z.object({
      id: uuid(),
      channelId: uuid(),
      status: conversation.shape.status,
      assignedUserId: uuid().nullable(),
      isNew: z.boolean().describe('The message opened the conversation'),
    }),
    contact: z.object({ id: uuid(), name: z.string().nullable(), phone: z.string().nullable() }),
  }),
  'A message was stored, in either direction',
);

export const messageRequested = defineEvent(
  'conversation.message.requested',
  1,
  z.object({
    messageId: uuid(),
    conversationId: uuid(),
    channelId: uuid(),
    to: z.object({ waId: z.string().nullable(), phone: z.string().nullable(), userId: z.string().nullable() }),
    type: z.literal('text'),
    text: z.string(),
    requestedAt: isoTime(),
  }),
  'A message waits to be sent by its channel',
);

export const messageUpdated = defineEvent(
  'conversation.message.updated',
  1,
  z.object({
    messageId: uuid(),
    conversationId: uuid(),
    channelId: uuid(),
    providerMessageId: z.string().nullable(),
    status: z.enum(MESSAGE_STATUSES),
    previousStatus: z.enum(MESSAGE_STATUSES),
    direction: z.enum(['inbound', 'outbound']),
    author: message.shape.author,
    at: isoTime(),
    error: z.object({ code: z.string(), message: z.string() }).nullable(),
  }),
  "A message's status moved forward",
);

export const conversationCreated = defineEvent(
  'conversation.conversation.created',
  1,
  z.object({ conversation }),
  'A conversation was opened',
);
export const conversationUpdated = defineEvent(
  'conversation.conversation.updated',
  1,
  z.object({ conversation, changed: z.array(z.string()) }),
  'Status, priority, assignment or another field of a conversation changed',
);
export const contactCreated = defineEvent(
  'conversation.contact.created',
  1,
  z.object({ contactId: uuid(), name: z.string().nullable(), phone: z.string().nullable() }),
  'A contact was made, by hand or by a first message',
);
export const taskDue = defineEvent(
  'conversation.task.fell-due',
  1,
  z.object({
    taskId: uuid(),
    title: z.string(),
    assignedUserId: uuid().nullable(),
    createdBy: uuid().nullable(),
    dueAt: isoTime(),
  }),
  'The time of a task has come and it is not done',
);
