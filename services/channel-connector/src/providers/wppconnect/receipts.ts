import type { Dispatcher } from 'undici';
import { type CallOutcome, callOnce } from '../call.ts';
import { describeFailure, readAnswer } from '../own-server.ts';
import { type Outcome, RECEIPT_TIMEOUT_MS, type ReadMessage } from '../provider.ts';
import { isObject } from '../web-message.ts';
import type { WppconnectAccount } from './account.ts';
import { target } from './client.ts';
import { chatOf } from './ids.ts';

/** Marks the whole chat as seen: the server knows no single messages here. */
export const sendSeen = (dispatcher: Dispatcher, account: WppconnectAccount, { recipient }: ReadMessage) =>
  post(dispatcher, account, 'send-seen', chatOf(recipient));

/** Shows the customer that an agent is typing; WhatsApp ends it after a while. */
export const sendTyping = (dispatcher: Dispatcher, account: WppconnectAccount, { recipient }: ReadMessage) =>
  post(dispatcher, account, 'typing', { ...chatOf(recipient), value: true });

async function post(
  dispatcher: Dispatcher,
  account: WppconnectAccount,
  route: string,
  body: object,
): Promise<Outcome<true>> {
  const outcome = await callOnce(dispatcher, {
    ...target(account, route),
    method: 'POST',
    headers: { authorization: `Bearer ${account.token}`, 'content-type': 'application/json' },
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
  const body = readAnswer(outcome.body);
  const refused = (code: string) =>
    ({ kind: 'refused', refusal: { code, otherwise: 'request', said: null } }) satisfies Outcome<true>;
  if (status === 401 && isObject(body)) return refused('bad_token');
  if (status === 404 && isObject(body) && body.status === 'Disconnected') return refused('session_closed');
  return status === 408 || status >= 500
    ? { kind: 'lost', reason: `HTTP ${status}` }
    : { kind: 'denied', httpStatus: status };
}
