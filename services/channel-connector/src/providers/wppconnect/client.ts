import type { Dispatcher } from 'undici';
import { cleanText } from '../../webhooks/clean.ts';
import { type CallOutcome, callOnce } from '../call.ts';
import { deadlineOf } from '../outbound-file.ts';
import { describeFailure, readAnswer } from '../own-server.ts';
import type { Outcome } from '../provider.ts';
import { jsonWithFile } from '../streamed-body.ts';
import { isObject, textOf } from '../web-message.ts';
import type { WppconnectAccount } from './account.ts';
import { bareId } from './ids.ts';
import type { SendCall } from './send.ts';

export interface WppconnectClientOptions {
  dispatcher: Dispatcher;
  /** Milliseconds a send may take. */
  sendTimeoutMs: number;
}

/**
 * Makes a call that sends; the value is WhatsApp's id of the message.
 * @param ownId the id of a message that the answer does not name
 */
export async function send(
  { dispatcher, sendTimeoutMs }: WppconnectClientOptions,
  account: WppconnectAccount,
  { route, body, file }: SendCall,
  ownId: string,
): Promise<Outcome<string>> {
  const outcome = await callOnce(dispatcher, {
    ...target(account, route),
    method: 'POST',
    headers: { authorization: `Bearer ${account.token}`, 'content-type': 'application/json' },
    body: file ? jsonWithFile(body, file.name, file.file, `data:${file.file.type};base64,`) : JSON.stringify(body),
    timeoutMs: deadlineOf(sendTimeoutMs, file?.file.size ?? 0),
  });
  return judgeSend(outcome, route === 'react-message' ? ownId : null);
}

/** The address of a session's route. */
export const target = ({ server, sessionName }: WppconnectAccount, route: string) => ({
  origin: server.origin,
  path: `${server.prefix}/api/${encodeURIComponent(sessionName)}/${route}`,
});

/**
 * A closed session and a bad token are refusals. A missing number is answered 400 and may be sent
 * to all the same, so nothing else says that the message did not go out.
 */
export function judgeSend(outcome: CallOutcome, ownId: string | null = null): Outcome<string> {
  if (outcome.kind !== 'answered') return { kind: outcome.kind, reason: describeFailure(outcome) };
  const { status } = outcome;
  const body = readAnswer(outcome.body);
  if (status >= 200 && status < 300) {
    const first = isObject(body) && Array.isArray(body.response) ? body.response[0] : null;
    const done = isObject(body) && body.status === 'success';
    const id = ownId === null ? bareId(isObject(first) ? first.id : null) : done ? ownId : null;
    return id ? { kind: 'ok', value: id } : { kind: 'lost', reason: `An answer of ${status} without a message` };
  }
  const refused = (code: string): Outcome<string> => ({
    kind: 'refused',
    refusal: { code, otherwise: 'request', said: null },
  });
  if (status === 401 && isObject(body)) return refused('bad_token');
  if (status === 404 && isObject(body) && body.status === 'Disconnected') return refused('session_closed');
  if (status === 400 || status === 408 || status >= 500) {
    const said = isObject(body) ? textOf(body.message) : undefined;
    return { kind: 'lost', reason: `HTTP ${status}${said ? `: ${cleanText(said, 200)}` : ''}` };
  }
  return { kind: 'denied', httpStatus: status };
}
