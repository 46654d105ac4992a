import {
  type Conversation,
  consentWordOf,
  type EventData,
  lineOf,
  type Message,
  type messageCreated,
} from '@recado/contracts';
import type { Policy } from '../configs/store.ts';
import { holdsAny } from '../words/matcher.ts';
import { isOpen } from './hours.ts';
import { MODEL_LINES } from './lines.ts';

/**
 * Kinds with words the model can read: a text, a choice, a caption or a line that says what was
 * sent.
 */
const READABLE: ReadonlySet<Message['type']> = new Set([
  'text',
  'button',
  'interactive',
  'image',
  'video',
  'document',
  'location',
  'order',
]);

const DAY_MS = 24 * 60 * 60 * 1000;
// Clocks of two machines are never quite the same.
const SKEW_MS = 2000;

/** Whether only the AI is there to answer. */
export function isUnattended(conversation: Pick<Conversation, 'status' | 'assignedUserId'>): boolean {
  const { status, assignedUserId } = conversation;
  return assignedUserId === null && (status === 'new' || status === 'bot' || status === 'queued');
}

/**
 * Whether an event is a customer's message that an AI could answer, apart from the tenant's
 * settings. STOP and its like are answered by conversation.
 */
export function isAnswerable({ message, conversation, contact }: EventData<typeof messageCreated>): boolean {
  return (
    message.direction === 'inbound' &&
    message.author === 'contact' &&
    !contact.isBlocked &&
    !message.details?.survey &&
    consentWordOf(message.content) === null &&
    READABLE.has(message.type) &&
    (!message.details?.group || message.details.group.answeredByAi === true) &&
    lineOf(message, MODEL_LINES).trim() !== '' &&
    isUnattended(conversation)
  );
}

/**
 * Whether the AI was on when a message came. Events may come again days later, so messages older
 * than WhatsApp's reply window are ignored.
 */
export function isJoinable(policy: Policy, { createdAt }: Pick<Message, 'createdAt'>, now: Date): boolean {
  const at = new Date(createdAt);
  return at.getTime() >= policy.enabledSince.getTime() - SKEW_MS && !isTooOld(at, now);
}

/** Whether the tenant's response mode asks for an answer to a message. */
export function isWanted(policy: Policy, message: Pick<Message, 'content' | 'createdAt'>, zone: string): boolean {
  const at = new Date(message.createdAt);
  switch (policy.responseMode) {
    case 'always':
      return true;
    case 'business_hours':
      return isOpen(policy.businessHours, at, zone);
    case 'outside_hours':
      return !isOpen(policy.businessHours, at, zone);
    case 'keywords':
      return holdsAny(message.content, policy.keywords);
  }
}

/** WhatsApp closes the window 24 hours after the customer's last message. */
export function isTooOld(inboundAt: Date, now: Date): boolean {
  return now.getTime() - inboundAt.getTime() > DAY_MS;
}

/**
 * Milliseconds until conversation is asked again for a thread: a quarter of the message's age, 0.5
 * s to a minute.
 */
export function awayPause(inboundAt: Date, now: Date): number {
  return Math.min(60_000, Math.max(500, (now.getTime() - inboundAt.getTime()) / 4));
}
