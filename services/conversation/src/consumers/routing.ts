import {
  aiHandoff,
  campaignUpdated,
  channelRemoved,
  contactUpdated,
  conversationAwaited,
  conversationCreated,
  conversationUpdated,
  type EventData,
  presenceChanged,
} from '@recado/contracts';
import type { Delivered, EventConsumer } from '@recado/messaging';
import { consume } from '@recado/service';
import { savePresence } from '../agents/store.ts';
import { leaveNumber } from '../campaigns/set-numbers.ts';
import type { Deps } from '../deps.ts';
import { enterChats, lockRouted, routeChats } from '../routing/handle.ts';
import { returnChats, returnWoken } from '../routing/leave.ts';
import type { ConversationKey } from '../routing/store.ts';
import { eventsOfUpdate, type Occurrence, orderRules } from '../rules/occur.ts';
import { lookAtClocks } from '../sla/look.ts';

const keyOf = ({ tenantId, data }: Delivered<{ conversation: { id: string } }>): ConversationKey => ({
  tenantId,
  id: data.conversation.id,
});
const aboutOf = ({ tenantId, data }: Delivered<{ conversationId: string }>): ConversationKey => ({
  tenantId,
  id: data.conversationId,
});

/** New conversations enter the campaign of their number. */
const consumeCreated = (deps: Deps) =>
  consume(deps, {
    event: conversationCreated,
    dedupe: 'handler',
    batch: 256,
    async handle(tx, events) {
      await enterChats(tx, deps, deps.now(), events.map(keyOf));
      const event = 'conversation.created' as const;
      await orderRules(
        tx,
        events.map((one) => ({ tenantId: one.tenantId, event, eventId: one.id, conversationId: keyOf(one).id })),
      );
    },
  });

const consumeAwaited = (deps: Deps) =>
  consume(deps, {
    event: conversationAwaited,
    dedupe: 'handler',
    batch: 256,
    handle: (tx, events) => enterChats(tx, deps, deps.now(), events.map(aboutOf)),
  });

type Updated = Delivered<EventData<typeof conversationUpdated>>;
const waits = ({ data: { conversation } }: Updated): boolean =>
  conversation.status === 'queued' && conversation.assignedUserId === null && conversation.campaignId !== null;
/** An agent may have room now, or a customer waits. What routing itself did is no news to it. */
const concerns = (event: Updated): boolean => {
  const { changed, conversation, routed } = event.data;
  if (routed) return false;
  return (
    waits(event) ||
    changed.includes('assignedUserId') ||
    changed.includes('snoozedUntil') ||
    conversation.status === 'closed'
  );
};

const rulesOf = (one: Updated): Occurrence[] =>
  eventsOfUpdate(one.data).map((event) => {
    const { tenantId, id: eventId, data } = one;
    return { tenantId, event, eventId, conversationId: data.conversation.id, cause: data.cause };
  });

/** The clocks of a conversation may begin, stand or end. */
const turnsClocks = ({ data: { changed } }: Updated): boolean => changed.some((field) => CLOCK_FIELDS.has(field));
const CLOCK_FIELDS = new Set(['status', 'assignedUserId', 'campaignId', 'snoozedUntil']);

/** It came back to the agent who had it. A person who gives one to an absent agent means it. */
const isWoken = ({ data: { changed, conversation } }: Updated): boolean =>
  changed.includes('snoozedUntil') &&
  !changed.includes('assignedUserId') &&
  conversation.snoozedUntil === null &&
  conversation.assignedUserId !== null;

const consumeUpdated = (deps: Deps) =>
  consume(deps, {
    event: conversationUpdated,
    dedupe: 'handler',
    batch: 256,
    async handle(tx, events) {
      await lookAtClocks(tx, deps, events.filter(turnsClocks).map(keyOf), deps.now());
      await orderRules(tx, events.flatMap(rulesOf));
      const news = events.filter(concerns);
      if (news.length === 0) return;
      const woken = news.filter(isWoken);
      if (woken.length > 0) await returnWoken(tx, woken.map(keyOf));
      const tenantIds = news.map(({ tenantId }) => tenantId);
      await routeChats(tx, deps, deps.now(), tenantIds, news.filter(waits).map(keyOf));
    },
  });

/** The AI gave up: people take over, in chats of campaigns. */
const consumeHandoff = (deps: Deps) =>
  consume(deps, {
    event: aiHandoff,
    dedupe: 'handler',
    handle: (tx, events) => enterChats(tx, deps, deps.now(), events.map(aboutOf), { takeOver: true }),
  });

const consumeCampaignUpdated = (deps: Deps) =>
  consume(deps, {
    event: campaignUpdated,
    dedupe: 'handler',
    handle: (tx, events) =>
      routeChats(
        tx,
        deps,
        deps.now(),
        events.map(({ tenantId }) => tenantId),
      ),
  });

/** A blocked contact's chat takes no place of an agent, and waits again when that ends. */
const consumeContactUpdated = (deps: Deps) =>
  consume(deps, {
    event: contactUpdated,
    dedupe: 'handler',
    batch: 256,
    async handle(tx, events) {
      const news = events.filter(({ data }) => data.changed.includes('isBlocked'));
      if (news.length === 0) return;
      const tenantIds = news.map(({ tenantId }) => tenantId);
      await routeChats(tx, deps, deps.now(), tenantIds);
    },
  });

/** Agents who come take chats; those who leave give them back, once. */
const consumePresence = (deps: Deps) =>
  consume(deps, {
    event: presenceChanged,
    dedupe: 'handler',
    async handle(tx, events) {
      // Before the agents: everywhere routing's lock is the first.
      const routed = await lockRouted(
        tx,
        events.map(({ tenantId }) => tenantId),
      );
      const changes = await savePresence(
        tx,
        events.map(({ tenantId, id, data }) => ({
          tenantId,
          id: data.userId,
          agentStatus: data.agentStatus,
          presenceAt: data.at,
          presenceId: id,
        })),
      );
      if (changes.length === 0) return;
      await returnChats(
        tx,
        changes.filter(({ tenantId }) => routed.includes(tenantId)),
      );
      const came = changes.filter(({ agentStatus }) => agentStatus === 'available');
      await routeChats(
        tx,
        deps,
        deps.now(),
        came.map(({ tenantId }) => tenantId),
      );
    },
  });

/** A number that is gone is in no campaign. */
const consumeChannelRemoved = (deps: Deps) =>
  consume(deps, {
    event: channelRemoved,
    dedupe: 'handler',
    async handle(tx, events) {
      for (const { tenantId, data } of events) await leaveNumber(tx, tenantId, data.channelId);
    },
  });

/** The events that may change who gets which chat. */
export const startRouting = (deps: Deps): EventConsumer[] => [
  consumeCreated(deps),
  consumeAwaited(deps),
  consumeUpdated(deps),
  consumeHandoff(deps),
  consumeCampaignUpdated(deps),
  consumeContactUpdated(deps),
  consumePresence(deps),
  consumeChannelRemoved(deps),
];
