import type { Dispatcher } from 'undici';
import { type CallOutcome, callOnce } from '../call.ts';
import { describeFailure, readAnswer } from '../own-server.ts';
import { type Outcome, RECEIPT_TIMEOUT_MS, type ReadMessage } from '../provider.ts';
import { jidOf } from '../web-message.ts';
import type { EvolutionAccount } from './account.ts';
import { refusalOf, target } from './client.ts';

/** Marks messages as read: WhatsApp ticks each by itself. A repeat changes nothing. */
export function sendRead(
  dispatcher: Dispatcher,
  account: EvolutionAccount,
  { providerMessageId, earlier = [], recipient }: ReadMessage,
): Promise<Outcome<true>> {
  const remoteJid = jidOf(recipient);
  const readMessages = [providerMessageId, ...earlier].map((id) => ({ remoteJid, fromMe: false, id }));
  return post(dispatcher, account, 'chat/markMessageAsRead', { readMessages });
}

/** Milliseconds of the sign. The server answers after it, so it is shorter than the time-out. */
const TYPING_MS = 5_000;

/** Shows the customer that an agent is typing. */
export function sendPresence(
  dispatcher: Dispatcher,
  account: EvolutionAccount,
  { recipient }: ReadMessage,
): Promise<Outcome<true>> {
  const presence = { number: jidOf(recipient), presence: 'composing', delay: TYPING_MS };
  return post(dispatcher, account, 'chat/sendPresence', presence);
}

async function post(
  dispatcher: Dispatcher,
  account: EvolutionAccount,
  route: string,
  body: object,
): Promise<Outcome<true>> {
  const outcome = await callOnce(dispatcher, {
    ...target(account, route),
    method: 'POST',
    headers: { apikey: account.apiKey, 'content-type': 'application/json' },
    body: JSON.stringify(body),
    timeoutMs: RECEIPT_TIMEOUT_MS,
  });
  return judgeReceipt(outcome);
}

/** Unlike a send, a receipt may be repeated: only the server's clear words end it. */
function judgeReceipt(outcome: CallOutcome): Outcome<true> {
  if (outcome.kind !== 'answered') return { kind: outcome.kind, reason: describeFailure(outcome) };
  const { status } = outcome;
  if (status >= 200 && status < 300) return { kind: 'ok', value: true };
  const refusal = refusalOf(status, readAnswer(outcome.body));
  if (refusal) return { kind: 'refused', refusal };
  return status === 408 || status >= 500
    ? { kind: 'lost', reason: `HTTP ${status}` }
    : { kind: 'denied', httpStatus: status };
}
