import { z } from 'zod';
import { defineEvent, type EventContract } from './event.ts';
import {
  aiHandoff,
  broadcastFinished,
  channelLimited,
  channelRemoved,
  channelStatus,
  channelUpdated,
  contactCreated,
  contactDeleted,
  contactUpdated,
  conversationCreated,
  conversationUpdated,
  dispatchUncertain,
  messageCreated,
  messageUpdated,
  ruleFired,
  slaBreached,
  slaWarned,
  surveyAnswered,
  taskDue,
  templateChanged,
  templateRemoved,
} from './events/index.ts';
import { WEBHOOK_EVENT_NAMES, type WebhookEventName } from './internal/webhook-endpoints.ts';
import { uuid } from './primitives.ts';

/** An event that endpoints of a tenant may get. */
export interface WebhookEvent<D extends z.ZodType = z.ZodType> {
  event: EventContract<D>;
  /** The channel that an event is about; null for what is about none. */
  channelOf: ((data: z.output<D>) => string) | null;
}

const goesOut = <D extends z.ZodType>(
  event: EventContract<D>,
  channelOf: ((data: z.output<D>) => string) | null = null,
): WebhookEvent => ({ event, channelOf: channelOf as WebhookEvent['channelOf'] });

const ownChannel = ({ channelId }: { channelId: string }) => channelId;
const ofConversation = ({ conversation }: { conversation: { channelId: string } }) => conversation.channelId;

/**
 * The events that go out as webhooks. Raw ones (`message.received`, ticks) are left out: they come
 * again as `message.created` and `message.updated`.
 */
export const WEBHOOK_EVENTS: Readonly<Record<WebhookEventName, WebhookEvent>> = {
  'message.created': goesOut(messageCreated, ofConversation),
  'message.updated': goesOut(messageUpdated, ownChannel),
  'message.uncertain': goesOut(dispatchUncertain, ownChannel),
  'conversation.created': goesOut(conversationCreated, ofConversation),
  'conversation.updated': goesOut(conversationUpdated, ofConversation),
  'conversation.handed-off': goesOut(aiHandoff),
  'sla.warned': goesOut(slaWarned, ownChannel),
  'sla.breached': goesOut(slaBreached, ownChannel),
  'rule.fired': goesOut(ruleFired, ownChannel),
  'contact.created': goesOut(contactCreated),
  'contact.updated': goesOut(contactUpdated),
  'contact.deleted': goesOut(contactDeleted),
  'survey.answered': goesOut(surveyAnswered, ownChannel),
  'task.due': goesOut(taskDue),
  'channel.status-changed': goesOut(channelStatus, ownChannel),
  'channel.updated': goesOut(channelUpdated, ownChannel),
  'channel.limited': goesOut(channelLimited, ownChannel),
  'channel.removed': goesOut(channelRemoved, ownChannel),
  // Of an account, which may have several channels.
  'template.changed': goesOut(templateChanged),
  'template.removed': goesOut(templateRemoved),
  'broadcast.finished': goesOut(broadcastFinished),
};

/** Those about one channel: what the address of a channel gets. */
export const CHANNEL_WEBHOOK_EVENTS: readonly WebhookEventName[] = WEBHOOK_EVENT_NAMES.filter(
  (name) => WEBHOOK_EVENTS[name].channelOf !== null,
);

/** What a test of an endpoint sends. It is no event of the mesh. */
export const webhookTest = defineEvent(
  'channel-connector.webhook-endpoint.tested',
  1,
  z.object({ endpointId: uuid(), name: z.string() }),
  'A user tried an endpoint',
);
