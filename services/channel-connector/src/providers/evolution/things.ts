import type { MessageDetails } from '@recado/contracts';
import {
  isObject,
  type Json,
  linesOf,
  messageId,
  momentOf,
  numberOfJson,
  objectOf,
  textOf,
  type WebContent,
  wholeAmount,
} from '../web-message.ts';
import { productOf } from '../web-things.ts';

const options = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isObject) : []);

export function poll(part: Json): WebContent {
  const names = options(part.options).flatMap(({ optionName }) => textOf(optionName) ?? []);
  const most = numberOfJson(part.selectableOptionsCount);
  const told = { question: textOf(part.name), options: names, ...(most !== undefined && { multiple: most !== 1 }) };
  // The options are the writer's words as well.
  return {
    type: 'interactive',
    content: linesOf(part.name, ...names.map((one) => `- ${one}`)),
    details: { poll: told },
  };
}

/** How many chose what, as a channel shows it. */
export function pollResult(part: Json): WebContent {
  const votes = options(part.pollVotes);
  const lines = votes.map((one) => `${textOf(one.optionName) ?? ''}: ${numberOfJson(one.optionVoteCount) ?? 0}`);
  return {
    type: 'interactive',
    content: linesOf(part.name, ...lines),
    details: { poll: { question: textOf(part.name) } },
  };
}

export function event(part: Json): WebContent {
  const place = objectOf(part.location);
  const told = {
    name: textOf(part.name),
    description: textOf(part.description),
    startsAt: momentOf(part.startTime),
    endsAt: momentOf(part.endTime),
    place: textOf(place.name) ?? textOf(place.address),
    url: textOf(part.joinLink),
    ...(part.isCanceled === true && { canceled: true }),
  };
  return { type: 'text', content: linesOf(part.name, part.description), details: { event: told } };
}

export const plannedCall = (part: Json): WebContent => ({
  type: 'text',
  content: linesOf(part.title),
  details: { event: { name: textOf(part.title), startsAt: momentOf(part.scheduledTimestampMs) } },
});

export function product(part: Json): WebContent {
  const item = objectOf(part.product);
  return {
    type: 'text',
    content: linesOf(part.body, item.title, item.description, part.footer),
    details: { product: productOf(item) },
  };
}

export const groupInvite = (part: Json): WebContent =>
  invitation('group', part, textOf(part.groupJid), textOf(part.groupName));
export const channelInvite = (part: Json): WebContent =>
  invitation('channel', part, textOf(part.newsletterJid), textOf(part.newsletterName));

function invitation(kind: 'group' | 'channel', part: Json, id?: string, name?: string): WebContent {
  const told = { kind, id, name, code: textOf(part.inviteCode), expiresAt: momentOf(part.inviteExpiration) };
  return { type: 'text', content: linesOf(part.caption), details: { invite: told } };
}

/** Money asked for, sent, declined or taken back. The note is a message of its own. */
export const payment =
  (status: string) =>
  (part: Json): WebContent => {
    const note = objectOf(part.noteMessage);
    const amount = objectOf(part.amount);
    const [value, offset] = [numberOfJson(amount.value), numberOfJson(amount.offset)];
    const told: MessageDetails['payment'] = {
      status,
      amount: value !== undefined && offset ? value / offset : wholeAmount(part.amount1000),
      currency: textOf(part.currencyCodeIso4217) ?? textOf(amount.currencyCode),
    };
    const content = linesOf(note.conversation, objectOf(note.extendedTextMessage).text);
    return { type: 'text', content, details: { payment: told } };
  };

export const invoice = (part: Json): WebContent => ({
  type: 'text',
  content: linesOf(part.note),
  details: { payment: { status: 'invoice' } },
});

/** Words of protobuf's enumeration and their numbers. */
const TAKEN = [0, 'CONNECTED', 4, 'ACCEPTED_ELSEWHERE', 5, 'ONGOING'];

export function callLog(part: Json, id: string): WebContent {
  const outcome = (textOf(part.callOutcome) ?? numberOfJson(part.callOutcome)) as string | number | undefined;
  const call = {
    id,
    missed: outcome === undefined || !TAKEN.includes(outcome),
    video: part.isVideo === true,
    seconds: numberOfJson(part.durationSecs),
  };
  return { type: 'system', content: '', details: { call } };
}

/** A notice on another message: pinned, kept, or edited in a way that only phones can read. */
export const notice =
  (kind: string, key: string) =>
  (part: Json): WebContent => {
    const about = messageId(objectOf(part[key]).id) ?? undefined;
    return { type: 'system', content: '', details: { system: { kind } }, ...(about !== undefined && { about }) };
  };
