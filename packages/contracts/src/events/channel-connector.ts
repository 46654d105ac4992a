import { z } from 'zod';
import { defineEvent } from '../event.ts';
import { CHANNEL_STATUSES, linkCode, PROVIDERS } from '../internal/channel.ts';
import { MESSAGE_TYPES } from '../internal/conversation.ts';
import { TEMPLATE_CATEGORIES, TEMPLATE_QUALITIES, TEMPLATE_STATUSES } from '../internal/templates.ts';
import { messageDetails, messageFile, statusDetails } from '../message-details.ts';
import { isoTime, uuid } from '../primitives.ts';

/** The sender, in the provider's words. At least one identity is present. */
export const senderIdentity = z.object({
  /** The exact `wa_id`, never rewritten. */
  waId: z.string().nullable(),
  /** E.164 when the sender shows a phone. */
  phone: z.string().nullable(),
  /** Business-scoped user id, for senders without a visible phone. */
  userId: z.string().nullable(),
  name: z.string().nullable(),
  username: z.string().optional(),
  /** The `userId` of the same person for the business's other portfolios. */
  parentUserId: z.string().optional(),
  /** Changes when the sender's device does. */
  identityHash: z.string().optional(),
});

export const messageReceived = defineEvent(
  'channel-connector.message.received',
  1,
  z.object({
    channelId: uuid(),
    provider: z.enum(PROVIDERS),
    providerMessageId: z.string(),
    from: senderIdentity,
    type: z.enum(MESSAGE_TYPES),
    /** The customer's words: text, caption, title of a choice. */
    content: z.string(),
    /**
     * As before `details`, which new readers use; the whole item for `unsupported`.
     */
    metadata: z.record(z.string(), z.unknown()).nullable(),
    details: messageDetails.nullable().optional(),
    replyToProviderMessageId: z.string().nullable(),
    /** The provider's time. */
    sentTime: isoTime(),
    receivedAt: isoTime(),
  }),
  'A customer wrote on a channel',
);

export const messageSynced = defineEvent(
  'channel-connector.message.synced',
  1,
  messageReceived.data.omit({ from: true }).extend({
    direction: z.enum(['inbound', 'outbound']),
    /** The customer, or the speaker in a group; null for a group's message of ours. */
    peer: senderIdentity.nullable(),
    /** Of an outbound one. */
    status: z.enum(['sent', 'delivered', 'read', 'failed']).nullable(),
    origin: z.enum(['phone', 'history']).describe('Typed on the phone now, or from before the number was connected'),
  }),
  'A message that Recado did not carry: typed on the phone of the number, or older than its connection',
);

export const contactReported = defineEvent(
  'channel-connector.contact.reported',
  1,
  z.object({
    channelId: uuid(),
    provider: z.enum(PROVIDERS),
    contact: senderIdentity,
    at: isoTime(),
    /** Whether the customer wants marketing messages. */
    marketing: z.enum(['stop', 'resume']).optional(),
    reason: z.string().optional(),
  }),
  'A provider told of a customer without a message: from the address book of the phone, or a preference',
);

/** Who takes part in a group, in the provider's words. */
const groupMember = z.object({
  waId: z.string().nullable(),
  phone: z.string().nullable(),
  userId: z.string().nullable(),
  name: z.string().nullable(),
  isAdmin: z.boolean().optional(),
});
export type GroupMember = z.infer<typeof groupMember>;

export const groupReported = defineEvent(
  'channel-connector.group.reported',
  1,
  z.object({
    channelId: uuid(),
    provider: z.enum(PROVIDERS),
    groupId: z.string().describe("The provider's address of the group"),
    name: z.string().optional().describe('Absent: nothing was said of it'),
    members: z.array(groupMember).optional().describe('All who take part'),
    joined: z.array(groupMember).optional(),
    left: z.array(groupMember).optional(),
    asked: z.boolean().describe('We asked the provider, because a person wrote there'),
    at: isoTime(),
  }),
  'A provider told of a group: its name, or who takes part',
);

export const messageStatus = defineEvent(
  'channel-connector.message.status-changed',
  1,
  z.object({
    channelId: uuid(),
    /** Ours, when the connector knows it (its own dispatch or the echoed callback data). */
    messageId: uuid().nullable(),
    providerMessageId: z.string().nullable(),
    status: z.enum(['sent', 'delivered', 'read', 'failed']),
    /** The provider's time. */
    at: isoTime(),
    error: z.object({ code: z.string(), message: z.string() }).nullable(),
    source: z.enum(['webhook', 'dispatch']),
    details: statusDetails.nullable().optional(),
  }),
  "An outbound message got further: the send's own result or the provider's tick",
);

export const mediaFetched = defineEvent(
  'channel-connector.media.fetched',
  1,
  z.object({
    channelId: uuid(),
    /** The message that carries it. */
    providerMessageId: z.string(),
    file: messageFile,
    at: isoTime(),
  }),
  'The file of a received message is here, cannot be had, or was erased',
);

export const fileErased = defineEvent(
  'channel-connector.file.erased',
  1,
  z.object({ fileIds: z.array(uuid()).max(500).describe('Messages that carry them keep a trace'), at: isoTime() }),
  'Uploaded files were erased, by a person or with a contact',
);

/** What a provider says of a number or its account. */
const reportFacts = {
  kind: z
    .string()
    .describe('quality, limits, name, account, alert, review, security, history, error; else the name of its field'),
  /** The provider's word for it. */
  code: z.string(),
  severity: z.enum(['info', 'warning', 'error']),
  /** The provider's own sentence. */
  text: z.string().nullable(),
  at: isoTime(),
};

export const channelReported = defineEvent(
  'channel-connector.channel.reported',
  1,
  z.object({
    channelId: uuid(),
    ...reportFacts,
    /** In the provider's words. */
    quality: z.string().optional(),
    /** Messages that the business may begin within 24 hours, in the provider's words. */
    messagingLimit: z.string().optional(),
    stops: z.boolean().optional().describe('true: nothing can be sent any more; false: it can again'),
    raw: z.record(z.string(), z.unknown()).optional().describe('Of a report that this version does not know'),
  }),
  'A provider told of a number itself: its quality, limits, a ban, an alert',
);

export const channelAlerted = defineEvent(
  'channel-connector.channel.alerted',
  1,
  z.object({ channelId: uuid(), name: z.string(), phone: z.string().nullable(), ...reportFacts }),
  'What a provider told of a number, for people',
);

export const channelStatus = defineEvent(
  'channel-connector.channel.status-changed',
  1,
  z.object({
    channelId: uuid(),
    name: z.string(),
    provider: z.enum(PROVIDERS),
    phone: z.string().nullable(),
    status: z.enum(CHANNEL_STATUSES),
    reason: z.string().nullable(),
    at: isoTime(),
  }),
  'A channel was created, connected, lost or refused',
);

export const channelCode = defineEvent(
  'channel-connector.channel.code-changed',
  1,
  z.object({
    channelId: uuid(),
    name: z.string(),
    provider: z.enum(PROVIDERS),
    phone: z.string().nullable(),
    code: linkCode,
    at: isoTime(),
  }),
  'A new code links the phone of a channel; it soon expires',
);

export const dispatchUncertain = defineEvent(
  'channel-connector.dispatch.became-uncertain',
  1,
  z.object({
    messageId: uuid(),
    channelId: uuid(),
    at: isoTime(),
    until: isoTime().optional().describe('Without a status by then it counts as failed'),
  }),
  'The reply to a send was lost: never sent again blindly; the status webhook settles it, else a person sees it',
);

export const channelLimited = defineEvent(
  'channel-connector.channel.became-limited',
  1,
  z.object({ channelId: uuid(), name: z.string(), phone: z.string().nullable(), plan: z.string(), at: isoTime() }),
  'A number receives more than its plan allows: the provider sends the rest again later. At most once an hour',
);

/** What events tell of a channel that a person changed. */
const channelFacts = {
  channelId: uuid(),
  name: z.string(),
  provider: z.enum(PROVIDERS),
  phone: z.string().nullable(),
};
export const channelUpdated = defineEvent(
  'channel-connector.channel.updated',
  1,
  z.object({ ...channelFacts, changed: z.array(z.string()).describe('`credentials`: proved anew') }),
  'A user changed a channel: its name, limits, settings or credentials',
);

export const channelRemoved = defineEvent(
  'channel-connector.channel.removed',
  1,
  z.object({ ...channelFacts, at: isoTime() }),
  'A channel was removed; its conversations stay',
);

export const webhookDisabled = defineEvent(
  'channel-connector.webhook-endpoint.disabled',
  1,
  z.object({
    endpointId: uuid(),
    name: z.string(),
    url: z.string(),
    reason: z.enum(['gone', 'failing']).describe('It answered 410, or every try of five days failed'),
    at: isoTime(),
  }),
  'An endpoint was switched off, because nothing could be delivered to it',
);

export const templateReported = defineEvent(
  'channel-connector.template.reported',
  1,
  z.object({
    provider: z.enum(PROVIDERS),
    accountId: z.string().describe("The provider's id of the account"),
    name: z.string(),
    language: z.string(),
    status: z.enum(TEMPLATE_STATUSES).optional(),
    deleted: z.boolean().optional(),
    reason: z.string().nullable().optional(),
    quality: z.enum(TEMPLATE_QUALITIES).optional(),
    category: z.enum(TEMPLATE_CATEGORIES).optional(),
    nextCategory: z.enum(TEMPLATE_CATEGORIES).nullable().optional(),
    componentsChanged: z.boolean().optional(),
    at: isoTime().nullable().describe("The provider's time"),
  }),
  'The provider said something of a message template; `template.changed` follows when that changes it',
);

const templateFacts = {
  templateId: uuid(),
  channelIds: z.array(uuid()).describe('The channels that send it'),
  name: z.string(),
  language: z.string(),
};
export const templateChanged = defineEvent(
  'channel-connector.template.changed',
  1,
  z.object({
    ...templateFacts,
    category: z.enum(TEMPLATE_CATEGORIES),
    previousCategory: z.enum(TEMPLATE_CATEGORIES).nullable(),
    nextCategory: z.enum(TEMPLATE_CATEGORIES).nullable().describe('The provider will change it to this one'),
    status: z.enum(TEMPLATE_STATUSES),
    reason: z.string().nullable().describe('Why it was rejected, paused or disabled'),
    quality: z.enum(TEMPLATE_QUALITIES),
    changed: z.array(z.string()).describe('Names of the fields; `created` for a new one'),
    at: isoTime(),
  }),
  'A message template is new, or its status, category, quality or texts changed',
);

export const templateRemoved = defineEvent(
  'channel-connector.template.removed',
  1,
  z.object({ ...templateFacts, at: isoTime() }),
  'A message template was deleted here or at the provider',
);
