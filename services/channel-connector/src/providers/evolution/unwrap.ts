import { isObject, type Json, objectOf, textOf } from '../web-message.ts';

/** A message without its wrappers. */
export interface Unwrapped {
  message: Json;
  /** The name of its kind; null when it holds none. */
  kind: string | null;
  part: Json;
  viewOnce: boolean;
}

/** They accompany a message and are none. */
const COMPANIONS = new Set([
  'messageContextInfo',
  'senderKeyDistributionMessage',
  'fastRatchetKeySenderKeyDistributionMessage',
  'base64',
  'mediaUrl',
  'speechToText',
  'contextInfo',
]);
/** They hold a message and say something of their own. */
const NO_WRAPPERS = new Set(['commentMessage']);
const MAX_DEPTH = 6;

/**
 * Takes off what only wraps another message: disappearing, seen once, sent from another device, in
 * an album and all that WhatsApp may still invent. A wrapper is a kind that holds a `message`.
 */
export function unwrap(message: Json, viewOnce = false, depth = 0): Unwrapped {
  const kind = kindOf(message);
  const part = kind === null ? {} : objectOf(message[kind]);
  const isOnce = viewOnce || part.viewOnce === true || /^viewOnce/.test(kind ?? '');
  if (kind !== null && !NO_WRAPPERS.has(kind) && isObject(part.message) && depth < MAX_DEPTH) {
    return unwrap(part.message, isOnce, depth + 1);
  }
  return { message, kind, part, viewOnce: isOnce };
}

function kindOf(message: Json): string | null {
  if (textOf(message.conversation) !== undefined) return 'conversation';
  return Object.keys(message).find((key) => !COMPANIONS.has(key) && isObject(message[key])) ?? null;
}
