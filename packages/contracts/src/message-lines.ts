import type { MESSAGE_TYPES } from './internal/conversation.ts';
import type { MessageDetails } from './message-details.ts';

/** What stands for messages without words of their own, in one language. */
export interface LineWords {
  image: string;
  video: string;
  audio: string;
  voice: string;
  document: string;
  sticker: string;
  location: string;
  contacts: string;
  /** @param count null when it is not known */
  order(count: number | null): string;
  reactionRemoved: string;
  choice: string;
  poll: string;
  voteRemoved: string;
  event: string;
  invite: string;
  product: string;
  /** @param sum amount and currency, where they are known */
  payment(sum: string | null): string;
  form: string;
  callsAllowed: string;
  callsRefused: string;
  template: string;
  system: string;
  call: string;
  missedCall: string;
  /** The customer opened the chat for the first time. */
  welcome: string;
  deleted: string;
  unsupported: string;
}

interface Worded {
  type: (typeof MESSAGE_TYPES)[number];
  content: string;
  /** A preview has none: its line is of the kind alone. */
  details?: MessageDetails | null | undefined;
  /** Of a preview. */
  isDeleted?: boolean | undefined;
}

/** A line a person can read: the writer's words, else what stands for the kind. */
export function lineOf({ type, content, details, isDeleted }: Worded, words: LineWords): string {
  if (isDeleted || details?.changed?.kind === 'deleted') return words.deleted;
  if (content !== '') return content;
  const line = details && partLine(details, words);
  if (line) return line;
  switch (type) {
    case 'text':
      return '';
    case 'audio':
      return details?.media?.voice ? words.voice : words.audio;
    case 'location':
      return placeLine(details?.location, words);
    case 'order':
      return words.order(details?.order ? (details.order.count ?? details.order.products.length) : null);
    case 'reaction':
      return words.reactionRemoved;
    case 'button':
    case 'interactive':
      return replyLine(details, words);
    case 'system':
      return noticeLine(details, words);
    case 'unsupported':
      return unknownLine(details?.unsupported?.kind, words);
    default:
      return words[type];
  }
}

/** The line of a part that may stand without words in a message of any kind. */
function partLine({ poll, event, invite, product, payment, choices }: MessageDetails, words: LineWords): string | null {
  if (poll) return poll.selected ? poll.selected.join(', ') || words.voteRemoved : (poll.question ?? words.poll);
  if (event) return event.name ?? words.event;
  if (invite) return invite.name === undefined ? words.invite : `${words.invite}: ${invite.name}`;
  if (payment) return paymentLine(payment, words);
  if (product) return product.title ?? words.product;
  return choices?.map(({ title }) => title).find(Boolean) ?? null;
}

function paymentLine({ amount, currency, status }: NonNullable<MessageDetails['payment']>, words: LineWords): string {
  const line = words.payment(amount === undefined ? null : [amount, currency].filter(Boolean).join(' '));
  return status === undefined ? line : `${line} (${status})`;
}

const placeLine = (place: MessageDetails['location'], words: LineWords) =>
  place ? `${words.location} (${place.latitude}, ${place.longitude})` : words.location;

function replyLine(details: Worded['details'], words: LineWords): string {
  if (details?.callPermission) {
    return details.callPermission.answer === 'accept' ? words.callsAllowed : words.callsRefused;
  }
  return details?.form ? words.form : words.choice;
}

function noticeLine(details: Worded['details'], words: LineWords): string {
  if (details?.call) return details.call.missed ? words.missedCall : words.call;
  if (details?.change?.kind === 'deleted') return words.deleted;
  return details?.system?.kind === 'request_welcome' ? words.welcome : words.system;
}

/** Kinds by which a provider says no more than that it does not know the message. */
const UNNAMED: readonly (string | undefined)[] = [undefined, '', 'unsupported', 'unknown'];

const unknownLine = (kind: string | undefined, words: LineWords) =>
  UNNAMED.includes(kind) ? words.unsupported : `${words.unsupported} (${kind})`;
