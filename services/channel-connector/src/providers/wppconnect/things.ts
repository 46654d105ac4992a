import {
  addressIn,
  isObject,
  type Json,
  linesOf,
  momentOf,
  numberOfJson,
  objectOf,
  textOf,
  type WebContent,
  wholeAmount,
} from '../web-message.ts';
import { productOf } from '../web-things.ts';
import { optionNames } from '../web-vote.ts';

export function poll(event: Json): WebContent {
  const options = optionNames(event.pollOptions);
  const most = numberOfJson(event.pollSelectableOptionsCount);
  const question = textOf(event.pollName) ?? textOf(event.body);
  const told = { question, options, ...(most !== undefined && { multiple: most !== 1 }) };
  // The options are the writer's words as well.
  return {
    type: 'interactive',
    content: linesOf(question, ...options.map((one) => `- ${one}`)),
    details: { poll: told },
  };
}

export function event(given: Json): WebContent {
  const place = objectOf(given.eventLocation);
  const told = {
    name: textOf(given.eventName),
    description: textOf(given.eventDescription),
    startsAt: momentOf(given.eventStartTime),
    endsAt: momentOf(given.eventEndTime),
    place: textOf(place.name) ?? textOf(place.address) ?? textOf(given.eventLocation),
    url: textOf(given.eventJoinLink),
    ...(given.eventIsCanceled === true && { canceled: true }),
  };
  return { type: 'text', content: linesOf(given.eventName, given.eventDescription), details: { event: told } };
}

export const product = (event: Json): WebContent => ({
  type: 'text',
  content: linesOf(event.title, event.description, event.caption),
  details: {
    product: productOf(event),
  },
});

export function payment(event: Json): WebContent {
  const note = isObject(event.paymentNoteMsg) ? event.paymentNoteMsg.body : event.paymentNoteMsg;
  const status = textOf(event.paymentStatus) ?? numberOfJson(event.paymentStatus)?.toString();
  const told = { status, amount: wholeAmount(event.paymentAmount1000), currency: textOf(event.paymentCurrency) };
  return { type: 'text', content: linesOf(note ?? event.body), details: { payment: told } };
}

export const groupInvite = (event: Json): WebContent => ({
  type: 'text',
  content: linesOf(event.caption ?? event.comment),
  details: {
    invite: {
      kind: 'group',
      id: addressIn(event.inviteGrp),
      name: textOf(event.inviteGrpName),
      code: textOf(event.inviteCode),
      expiresAt: momentOf(event.inviteCodeExp),
    },
  },
});
