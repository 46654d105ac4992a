import type { Dispatcher } from 'undici';
import { cleanId, cleanText } from '../../webhooks/clean.ts';
import { type CallOutcome, callOnce } from '../call.ts';
import { deadlineOf } from '../outbound-file.ts';
import { describeFailure, readAnswer } from '../own-server.ts';
import type { Outcome, Refusal } from '../provider.ts';
import { jsonWithFile } from '../streamed-body.ts';
import { isObject, textOf } from '../web-message.ts';
import type { EvolutionAccount } from './account.ts';
import type { SendCall } from './send.ts';

export interface EvolutionClientOptions {
  dispatcher: Dispatcher;
  /** Milliseconds a send may take. */
  sendTimeoutMs: number;
}

/** Makes a call that sends; the value is WhatsApp's id of the message. */
export async function send(
  { dispatcher, sendTimeoutMs }: EvolutionClientOptions,
  account: EvolutionAccount,
  { route, body, file }: SendCall,
): Promise<Outcome<string>> {
  const outcome = await callOnce(dispatcher, {
    ...target(account, `message/${route}`),
    method: 'POST',
    headers: { apikey: account.apiKey, 'content-type': 'application/json' },
    body: file ? jsonWithFile(body, file.name, file.file) : JSON.stringify(body),
    timeoutMs: deadlineOf(sendTimeoutMs, file?.file.size ?? 0),
  });
  return judgeSend(outcome);
}

/** The address of an instance's route. */
export const target = ({ server, instanceName }: EvolutionAccount, route: string) => ({
  origin: server.origin,
  path: `${server.prefix}/${route}/${encodeURIComponent(instanceName)}`,
});

/**
 * Only what Evolution refuses before it sends is a refusal. It also answers 400 when something
 * fails after the send, so an unknown sentence leaves open whether the message went out.
 */
export function judgeSend(outcome: CallOutcome): Outcome<string> {
  if (outcome.kind !== 'answered') return { kind: outcome.kind, reason: describeFailure(outcome) };
  const { status } = outcome;
  const body = readAnswer(outcome.body);
  if (status >= 200 && status < 300) {
    const key = isObject(body) && isObject(body.key) ? body.key : null;
    const id = textOf(key?.id);
    return id
      ? { kind: 'ok', value: cleanId(id) }
      : { kind: 'lost', reason: `An answer of ${status} without a key.id` };
  }
  const refusal = refusalOf(status, body);
  if (refusal) return { kind: 'refused', refusal };
  if (status === 400 || status === 408 || status >= 500) return { kind: 'lost', reason: `HTTP ${status}${said(body)}` };
  return { kind: 'denied', httpStatus: status };
}

const NOT_SENT = /^(Text is required|Owned media must be|For base64 the file name|At least one button|Maximum of)/;

/** A refusal in Evolution's own form; null for everything else. */
export function refusalOf(status: number, body: unknown): Refusal | null {
  const response = isObject(body) && body.status === status && isObject(body.response) ? body.response : null;
  if (!response) return null;
  const first = Array.isArray(response.message) ? response.message[0] : response.message;
  const refused = (code: string, words: string | null = null): Refusal => ({ code, otherwise: 'request', said: words });
  if (status === 401) return refused('bad_key');
  if (status === 404 && typeof first === 'string' && first.includes('instance does not exist')) {
    return refused('instance_not_found');
  }
  const [said] = Array.isArray(first) ? first : [first];
  if (status === 404 && said === 'Group not found') return refused('group_not_found');
  if (status === 500 && first === 'Connection Closed') return refused('connection_closed');
  if (status !== 400) return null;
  if (isObject(first) && first.exists === false) return refused('number_not_on_whatsapp');
  // A list in the list: the faults of the request's schema.
  if (Array.isArray(first)) return refused('bad_request', cleanText(first.map(String).join('; '), 300));
  return typeof first === 'string' && NOT_SENT.test(first) ? refused('bad_request', cleanText(first, 300)) : null;
}

function said(body: unknown): string {
  const response = isObject(body) && isObject(body.response) ? body.response : {};
  const first = Array.isArray(response.message) ? response.message[0] : response.message;
  return typeof first === 'string' ? `: ${cleanText(first, 200)}` : '';
}
