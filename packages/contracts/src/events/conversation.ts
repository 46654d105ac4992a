import { z } from 'zod';
import { defineEvent } from '../event.ts';
import { LEAD_STATUSES } from '../internal/contacts.ts';
import { conversation, MESSAGE_STATUSES, message } from '../internal/conversation.ts';
import { statusDetails } from '../message-details.ts';
import { aboutMessage, OUTBOUND_KINDS, outboundContent, recipientAddress } from '../outbound-content.ts';
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
    contact: z.object({
      id: uuid(),
      name: z.string().nullable(),
      phone: z.string().nullable(),
      isBlocked: z.literal(true).optional().describe('Its chats stay out of the inbox, and no user is notified'),
    }),
  }),
  'A message was stored, in either direction',
);

const requestedMessage = z.object({
  messageId: uuid(),
  conversationId: uuid(),
  channelId: uuid(),
  to: recipientAddress,
  type: z.enum(OUTBOUND_KINDS),
  text: z.string().describe('Its words'),
  content: outboundContent.optional().describe('All of it; absent for a text that is no more than its words'),
  about: aboutMessage.optional().describe('The message it quotes or reacts to'),
  bulk: z.boolean().optional().describe('One of many: replies to customers go before it'),
  notBefore: isoTime().optional(),
  lastInboundAt: isoTime()
    .nullable()
    .optional()
    .describe('With a template: when the customer last wrote to this channel. Outside the reply window it opens one'),
  requestedAt: isoTime(),
});

export const messageRequested = defineEvent(
  'conversation.message.requested',
  1,
  requestedMessage,
  'A message waits to be sent by its channel',
);

/** Apart from `messageRequested`: no reply to a customer waits behind thousands of these. */
export const messageBulkRequested = defineEvent(
  'conversation.message.bulk-requested',
  1,
  requestedMessage,
  'One of many messages of an order waits to be sent by its channel',
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
    details: statusDetails.nullable().optional().describe('What the provider told with the status: price, reasons'),
    change: message
      .pick({ type: true, content: true, details: true })
      .nullable()
      .optional()
      .describe('Its writer edited or deleted it: the message as it is now. The status is the same'),
  }),
  "A message's status moved forward, or its writer changed it",
);

export const filesErased = defineEvent(
  'conversation.message.files-erased',
  1,
  z.object({
    contactId: uuid(),
    fileIds: z
      .array(uuid())
      .max(500)
      .describe('Files that the contact sent, or that were sent to it alone; their messages stay'),
  }),
  'A contact was removed, and its files are to be erased; one event for each 500',
);

export const messageRead = defineEvent(
  'conversation.message.was-read',
  1,
  z.object({
    messageId: uuid().describe('The latest that was read'),
    conversationId: uuid(),
    channelId: uuid(),
    providerMessageId: z.string(),
    to: recipientAddress,
    sentTime: isoTime().describe("The message's: of two, the later one says more"),
    earlier: z
      .array(z.string())
      .max(100)
      .optional()
      .describe('Provider ids of those before it that were read with it, the latest first'),
    userId: uuid().nullable().describe('Who read it'),
    byReply: z.boolean().optional().describe('By the answer of a person'),
    at: isoTime(),
  }),
  'A person read the messages of a customer, up to this one',
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
  z.object({
    conversation,
    changed: z.array(z.string()),
    transfer: z
      .object({
        fromUserId: uuid().nullable(),
        fromCampaignId: uuid().nullable(),
        reason: z.string().nullable(),
        byUserId: uuid().nullable().describe('Null for an API key'),
        by: z
          .enum(['silence', 'full'])
          .optional()
          .describe('Routing took it from an agent who was silent, or had more than a lowered limit'),
      })
      .optional()
      .describe('It was handed on; the conversation says to whom'),
    previousStatus: conversation.shape.status.optional().describe('Where a move changed the status'),
    cause: z.array(uuid()).optional().describe('Automation rules whose effect it is, the first one first'),
    routed: z.boolean().optional().describe('Routing gave it to an agent'),
  }),
  'Status, priority, assignment or another field of a conversation changed',
);
export const contactCreated = defineEvent(
  'conversation.contact.created',
  1,
  z.object({ contactId: uuid(), name: z.string().nullable(), phone: z.string().nullable() }),
  'A contact was made, by hand or by a first message, or is back after it was removed',
);
/** A contact in events. */
const contactFacts = {
  contactId: uuid(),
  name: z.string().nullable(),
  phone: z.string().nullable(),
  email: z.string().nullable(),
  isActive: z.boolean(),
  createdBy: uuid().nullable(),
  leadStatus: z.enum(LEAD_STATUSES).optional().describe('Absent where the change is about the name or consent alone'),
  isBlocked: z.boolean().optional(),
};
export const contactUpdated = defineEvent(
  'conversation.contact.updated',
  1,
  z.object({ ...contactFacts, changed: z.array(z.string()) }),
  'A user changed a contact, or wrote one who was known by messages alone into the address book',
);
export const contactDeleted = defineEvent(
  'conversation.contact.deleted',
  1,
  z.object({ contactId: uuid(), mergedInto: uuid().optional().describe('It is this contact now; nothing is erased') }),
  'A contact was removed. What was said with it is being erased: `contact.erased` names the parts',
);

/** For the other services: a part at a time, until all is erased. Later rounds name chats again. */
export const contactErased = defineEvent(
  'conversation.contact.erased',
  1,
  z.object({
    contactId: uuid(),
    conversationIds: z.array(uuid()).max(500),
    messages: z
      .array(
        z.object({
          messageId: uuid(),
          conversationId: uuid(),
          channelId: uuid(),
          isPending: z.literal(true).optional().describe('Not sent yet: it must not go out any more'),
        }),
      )
      .max(500)
      .describe('Those that we sent'),
  }),
  'Words and addresses of a removed contact were erased, and are to be erased wherever they were copied',
);

const groupFacts = {
  groupId: uuid(),
  name: z.string(),
  description: z.string().nullable(),
  createdBy: uuid().nullable(),
};
export const groupCreated = defineEvent(
  'conversation.group.created',
  1,
  z.object(groupFacts),
  'A group of contacts was made',
);
export const groupUpdated = defineEvent(
  'conversation.group.updated',
  1,
  z.object({ ...groupFacts, changed: z.array(z.string()).describe('`contacts`: who is in it') }),
  "A group's name or description changed, or who is in it",
);
export const groupDeleted = defineEvent(
  'conversation.group.deleted',
  1,
  z.object({ groupId: uuid() }),
  'A group was removed; its contacts stay',
);
