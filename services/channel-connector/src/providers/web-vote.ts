import { cleanText, idOfContent } from '../webhooks/clean.ts';
import type { InboundMessage } from './provider.ts';
import { isObject, type Json, textOf } from './web-message.ts';

/** A vote without its voter. */
export type Vote = Omit<InboundMessage, 'from'>;

/** A vote that names who gave it. */
export const withVoter = (vote: Vote, voter: unknown): Vote =>
  typeof voter === 'string'
    ? { ...vote, details: { ...vote.details, poll: { ...vote.details?.poll, voter: cleanText(voter, 128) } } }
    : vote;

/** What one person chose in a poll; nothing takes an earlier vote back. */
export function voteOf(poll: string, voter: unknown, selected: string[], sentTime: string, mark?: unknown): Vote {
  const names = selected.map((one) => cleanText(one, 1000));
  const vote: Vote = {
    // A vote has no id of its own. The same choice told again is the same vote.
    providerMessageId: idOfContent({ vote: poll, voter, names, mark }),
    type: 'interactive',
    content: names.join(', '),
    metadata: null,
    details: { poll: { selected: names }, context: { quoted: { providerMessageId: poll } } },
    replyToProviderMessageId: poll,
    sentTime,
  };
  return typeof voter === 'string' && voter.includes('@') ? withVoter(vote, voter) : vote;
}

/** Names of options: texts, or objects that hold one. Lists may have holes. */
export const optionNames = (options: unknown): string[] =>
  (Array.isArray(options) ? options : []).flatMap((one: unknown) => textOf(isObject(one) ? one.name : one) ?? []);

/** More than a poll of WhatsApp offers. */
const MAX_CHOICES = 100;
/** More than a group has people. */
const MAX_VOTERS = 5000;

/** Names by voter, of a list that has voters by name. */
export function choicesByVoter(results: readonly unknown[]): Map<string, string[]> {
  const chosen = new Map<string, string[]>();
  for (const { name, voters } of results.filter(isObject) as Json[]) {
    for (const voter of Array.isArray(voters) ? voters : []) {
      if (chosen.size === MAX_VOTERS) return chosen;
      if (typeof voter !== 'string' || textOf(name) === undefined) continue;
      const names = chosen.get(voter);
      if (names === undefined) chosen.set(voter, [textOf(name)!]);
      else if (names.length < MAX_CHOICES) names.push(textOf(name)!);
    }
  }
  return chosen;
}
