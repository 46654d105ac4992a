import type { Dispatcher } from 'undici';
import { cleanId, cleanText, parseForeignJson } from '../../webhooks/clean.ts';
import { type CallOutcome, callOnce } from '../call.ts';
import type { GroupFacts } from '../news.ts';
import type { NumberFacts, Outcome, Refusal } from '../provider.ts';
import { kindOfUnknown } from './errors.ts';
import { isObject, string } from './fields.ts';
import { GROUP_FIELDS, groupFactsOf } from './groups.ts';
import { type CheckedNumber, faultOf, standingOf } from './standing.ts';

export const VERSION = 'v23.0';

interface GraphMessage {
  phoneNumberId: string;
  accessToken: string;
  /** `wa_id`, phone or group; null when only the user id is known. */
  to: string | null;
  toGroup: boolean;
  /** Business-scoped user id of a customer without a visible phone. */
  recipient: string | null;
  /** Its type and what is sent. */
  body: Record<string, unknown>;
  /** Opaque; Meta echoes it in the status webhooks. */
  callbackData: string;
}

export interface GraphClient {
  /** With the version. */
  url: string;
  /** Sends a message; the value is Meta's id of it. */
  send(message: GraphMessage): Promise<Outcome<string>>;
  /** Asks for the number itself, which shows whether the token may use it. */
  checkNumber(phoneNumberId: string, accessToken: string): Promise<Outcome<CheckedNumber>>;
  /** A group of a number, by name and people. */
  lookUpGroup(groupId: string, accessToken: string): Promise<Outcome<GroupFacts>>;
}

export interface GraphOptions {
  /** https://graph.facebook.com, or the sandbox. */
  baseUrl: string;
  dispatcher: Dispatcher;
  /** Milliseconds a send may take. */
  sendTimeoutMs: number;
}

/** Milliseconds a look at a number may take. */
const CHECK_TIMEOUT_MS = 5000;

/** Meta's Graph API. No call rejects: how it ended is the answer. */
export function createGraphClient({ baseUrl, dispatcher, sendTimeoutMs }: GraphOptions): GraphClient {
  const { origin, pathname } = new URL(baseUrl);
  const prefix = `${pathname.replace(/\/$/, '')}/${VERSION}`;
  const get = (path: string, accessToken: string) =>
    callOnce(dispatcher, {
      origin,
      path: `${prefix}/${path}`,
      method: 'GET',
      headers: { authorization: `Bearer ${accessToken}` },
      timeoutMs: CHECK_TIMEOUT_MS,
    });
  return {
    url: `${origin}${prefix}`,
    async send(message) {
      const outcome = await callOnce(dispatcher, {
        origin,
        path: `${prefix}/${message.phoneNumberId}/messages`,
        method: 'POST',
        headers: { authorization: `Bearer ${message.accessToken}`, 'content-type': 'application/json' },
        body: JSON.stringify({
          messaging_product: 'whatsapp',
          recipient_type: message.toGroup ? 'group' : 'individual',
          ...(message.to === null ? { recipient: message.recipient } : { to: message.to }),
          ...message.body,
          biz_opaque_callback_data: message.callbackData,
        }),
        timeoutMs: sendTimeoutMs,
      });
      return judge(outcome, (body) => {
        const first = isObject(body) && Array.isArray(body.messages) ? body.messages[0] : null;
        const id = isObject(first) ? string(first.id) : null;
        return id ? cleanId(id) : null;
      });
    },
    async lookUpGroup(groupId, accessToken) {
      const outcome = await get(`${encodeURIComponent(groupId)}?fields=${GROUP_FIELDS}`, accessToken);
      return judge(outcome, (body) => groupFactsOf(body, groupId));
    },
    async checkNumber(phoneNumberId, accessToken) {
      const outcome = await get(`${phoneNumberId}?fields=${FIELDS}`, accessToken);
      return judge(outcome, (body) =>
        // Another id proves nothing about this one.
        isObject(body) && body.id === phoneNumberId ? { facts: factsOf(body), fault: faultOf(body) } : null,
      );
    },
  };
}

const FIELDS =
  'id,display_phone_number,verified_name,quality_rating,messaging_limit_tier,throughput,status,platform_type,' +
  'code_verification_status,health_status';

function factsOf(body: Record<string, unknown>): NumberFacts {
  const { level } = isObject(body.throughput) ? body.throughput : {};
  return {
    quality: string(body.quality_rating),
    messagingLimit: string(body.messaging_limit_tier),
    throughput: string(level),
    verifiedName: string(body.verified_name),
    codeVerification: string(body.code_verification_status),
    standing: standingOf(body.health_status),
  };
}

/**
 * Reads an answer. Only Meta's own error body or a plain 3xx/4xx is a refusal. Another 5xx, and a
 * success that makes no sense, leave open whether the request was carried out.
 */
export function judge<T>(outcome: CallOutcome, read: (body: unknown) => T | null): Outcome<T> {
  if (outcome.kind === 'not-sent') return { kind: 'not-sent', reason: describe(outcome.error) };
  if (outcome.kind === 'lost') return { kind: 'lost', reason: describe(outcome.error) };
  const { status } = outcome;
  const body = parse(outcome.body);
  const refusal = readRefusal(body, status);
  if (refusal) return { kind: 'refused', refusal };
  if (status >= 200 && status < 300) {
    const value = read(body);
    return value === null
      ? { kind: 'lost', reason: `An answer of ${status} that could not be read` }
      : { kind: 'ok', value };
  }
  // 408: the server gave up waiting, maybe for its own backend.
  if (status >= 300 && status < 500 && status !== 408) return { kind: 'denied', httpStatus: status };
  return { kind: 'lost', reason: `HTTP ${status}` };
}

function readRefusal(body: unknown, httpStatus: number): Refusal | null {
  const error = isObject(body) && isObject(body.error) ? body.error : null;
  if (!error || typeof error.code !== 'number' || !Number.isInteger(error.code)) return null;
  const data = isObject(error.error_data) ? error.error_data : {};
  const said = string(data.details) ?? string(error.error_user_msg) ?? string(error.message);
  const subcode = typeof error.error_subcode === 'number' ? { subcode: String(error.error_subcode) } : {};
  return {
    code: String(error.code),
    otherwise: kindOfUnknown(httpStatus, error.is_transient === true),
    said,
    ...subcode,
  };
}

function parse(body: Buffer): unknown {
  try {
    return parseForeignJson(body.toString('utf8'));
  } catch {
    return null; // not JSON, so not Meta's
  }
}

/** The error's code and message; undici's and Node's name hosts, never headers or tokens. */
function describe(error: Error): string {
  const { code } = error as { code?: string };
  const text = code && !error.message.includes(code) ? `${code}: ${error.message}` : error.message;
  return cleanText(text || error.name, 300);
}
