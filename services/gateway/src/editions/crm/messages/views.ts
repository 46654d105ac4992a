import {
  type connectorApi,
  type conversationApi,
  type FoundMessage,
  lineOf,
  type Message,
  type RouteOutput,
  UNCERTAIN,
  type User,
} from '@recado/contracts';
import type { View } from '../../../edge/edition.ts';
import {
  type ChatNames,
  chatMessageView,
  chatView,
  clientView,
  detailsView,
  errorView,
  numberName,
} from '../chats/views.ts';
import { personView } from '../common/views.ts';
import { texts } from '../texts.ts';
import type * as schemas from './schemas.ts';

export const sentMessageView = (message: Message): View<typeof schemas.sentMessage> => ({
  id: message.id,
  chat_id: message.conversationId,
  direction: message.direction,
  message_type: message.type,
  content: lineOf(message, texts.lines),
  status: message.status,
  created_at: message.sentTime,
  ...(message.details && detailsView(message.details)),
});

export function readMessageView({
  items,
  conversations,
}: RouteOutput<typeof conversationApi.markRead>): View<typeof schemas.readMessage> {
  const { messageId, conversationId, readAt } = items[0]!;
  return { id: messageId, chat_id: conversationId, read_at: readAt, unread_count: conversations[0]!.unreadCount };
}

type Found = RouteOutput<typeof conversationApi.getMessage>;
export type Dispatch = RouteOutput<typeof connectorApi.getDispatch>;
type Step = View<typeof schemas.messageDetail>['history'][number];

const NOTHING: Omit<Step, 'event' | 'at'> = {
  attempt: null,
  result: null,
  duration_ms: null,
  status: null,
  source: null,
  participant: null,
  whatsapp_message_id: null,
  price: null,
  whatsapp_conversation: null,
  error: null,
};

/** A message with its history in order; of the same moment, as things follow each other. */
export const messageDetailView = (
  { message, statuses, former, retryOf, retriedBy }: Found,
  dispatch: Dispatch | null,
  users: ReadonlyMap<string, User>,
): View<typeof schemas.messageDetail> => ({
  ...chatMessageView(message, users),
  chat_id: message.conversationId,
  error: failureView(message.error),
  queue: dispatch && { state: dispatch.state, next_attempt_at: dispatch.dueAt },
  retry_of: retryOf,
  retried_by: retriedBy,
  ...(former && {
    former: former.map((one) => ({ message_type: one.type, content: lineOf(one, texts.lines), at: one.at })),
  }),
  history: inOrder([beginning(message), ...(dispatch?.attempts ?? []).map(attemptView), ...statuses.map(statusView)]),
});

export const inOrder = <S extends Pick<Step, 'event' | 'source' | 'at'>>(steps: readonly S[]): S[] =>
  steps.toSorted((a, b) => placeOf(a) - placeOf(b));

/** Providers tell statuses in whole seconds: such a one stands behind what else that second has. */
const placeOf = ({ event, source, at }: Pick<Step, 'event' | 'source' | 'at'>): number => {
  const time = Date.parse(at);
  return event === 'status' && source === 'webhook' && time % 1000 === 0 ? time + 999.5 : time;
};

const beginning = ({ direction, createdAt }: Message): Step => ({
  ...NOTHING,
  event: direction === 'inbound' ? 'received' : 'accepted',
  at: createdAt,
});

const attemptView = ({
  number,
  startedAt,
  endedAt,
  result,
  providerMessageId,
  error,
}: Dispatch['attempts'][number]): Step => ({
  ...NOTHING,
  event: 'attempt',
  at: startedAt ?? endedAt,
  attempt: number,
  result,
  duration_ms: startedAt === null ? null : Math.max(0, Date.parse(endedAt) - Date.parse(startedAt)),
  whatsapp_message_id: providerMessageId,
  error: failureView(error),
});

const statusView = ({ status, source, at, error, details }: Found['statuses'][number]): Step => ({
  ...NOTHING,
  event: 'status',
  at,
  status,
  source,
  participant: details?.participant?.waId ?? details?.participant?.userId ?? null,
  price: priceView(details?.pricing),
  whatsapp_conversation: billedView(details?.conversation),
  error: failureView(error),
});

type Pricing = NonNullable<NonNullable<Found['statuses'][number]['details']>['pricing']>;
const priceView = (pricing: Pricing | undefined): Step['price'] =>
  pricing
    ? {
        billable: pricing.billable ?? null,
        model: pricing.model ?? null,
        type: pricing.type ?? null,
        category: pricing.category ?? null,
      }
    : null;

type Billed = NonNullable<NonNullable<Found['statuses'][number]['details']>['conversation']>;
const billedView = (billed: Billed | undefined): Step['whatsapp_conversation'] =>
  billed ? { id: billed.id ?? null, origin: billed.origin ?? null, expires_at: billed.expiresAt ?? null } : null;

/** In this edition's words, with what to do about it. */
const failureView = (error: Message['error']): Step['error'] => errorView(error) ?? null;

type Failed = RouteOutput<typeof conversationApi.listUndelivered>['items'][number];

/** Explained by its code alone. */
const NOT_CONFIRMED = { code: UNCERTAIN, message: '' };

export const undeliveredView = (
  { message, contact, failedAt, state = 'failed', settles = null, retriedBy }: Failed,
  dispatch: Dispatch | undefined,
  { users, channels }: Pick<ChatNames, 'users' | 'channels'>,
): View<typeof schemas.undeliveredPage>['data'][number] => ({
  id: message.id,
  chat_id: message.conversationId,
  client: clientView(contact),
  whatsapp_number: numberName(message.channelId, { channels }),
  user: message.userId === null ? null : personView(users.get(message.userId)),
  message_type: message.type,
  content: lineOf(message, texts.lines),
  created_at: message.createdAt,
  failed_at: failedAt,
  state,
  settles,
  error: failureView(state === 'uncertain' ? NOT_CONFIRMED : message.error),
  attempts: (dispatch?.attempts ?? []).map(attemptView),
  retried_by: retriedBy,
});

export const foundView = (
  { message, conversation, snippet }: FoundMessage,
  names: ChatNames,
): View<typeof schemas.foundPage>['data'][number] => {
  const { id, client, status, assigned_agent } = chatView(conversation, names);
  const chat = { id, client, status, assigned_agent };
  return { ...chatMessageView(message, names.users), chat_id: message.conversationId, chat, snippet };
};
