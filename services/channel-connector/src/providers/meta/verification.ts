import { randomInt } from 'node:crypto';
import type { CodeFailure, CodeProof } from '../code-proof.ts';
import { findError, readableError } from '../errors.ts';
import type { Outcome, ProviderNumber, Refusal } from '../provider.ts';
import { type MetaAccount, notesOf } from './account.ts';
import { META_ERRORS } from './errors.ts';
import { isObject } from './fields.ts';
import { callGraph, type GraphPlace, isDone } from './graph-call.ts';

type Number = ProviderNumber<MetaAccount>;

/** Source: Meta's reference of request_code, verify_code and register. */
const REQUEST_REFUSED = '136024';
const CODE_REFUSED = '136025';
const PIN_MISMATCH = '133005';
const REGISTERED_TOO_OFTEN = '133016';
const GUESSED_TOO_OFTEN = '133008';
const GUESSED_TOO_FAST = '133009';
/** The subcode of 136024 that asks to wait an hour. */
const TOO_MANY_CODES = '2388091';
const WAIT_SECONDS = 3600;

interface Registration {
  verified: boolean;
  registered: boolean;
}

/** A number's proof by code: `request_code`, `verify_code`, then `register` with a PIN. */
export function createMetaCodes(place: GraphPlace): CodeProof<MetaAccount> {
  const post = ({ providerId, account }: Number, what: string, body: object) =>
    callGraph(place, `${providerId}/${what}`, account.accessToken, body, isDone);
  const lookAt = ({ providerId, account }: Number) =>
    callGraph(place, `${providerId}?fields=${FIELDS}`, account.accessToken, null, registrationOf);
  return {
    async send(number, { method, language }) {
      const sent = await post(number, 'request_code', { code_method: method.toUpperCase(), language });
      if (sent.kind === 'ok') return { kind: 'done' };
      // The same code stands for a number that needs none.
      if (isRefused(sent, REQUEST_REFUSED) && sent.refusal.subcode !== TOO_MANY_CODES) {
        const now = await lookAt(number);
        if (now.kind === 'ok' && now.value.verified) return { kind: 'verified' };
      }
      return failureOf(sent);
    },
    async confirm(number, code) {
      const proved = await post(number, 'verify_code', { code });
      if (proved.kind !== 'ok' && !isRefused(proved, CODE_REFUSED)) return failureOf(proved);
      const now = await lookAt(number);
      if (proved.kind === 'ok') return { kind: 'done', registered: now.kind === 'ok' && now.value.registered };
      if (now.kind !== 'ok' || !now.value.verified) return { kind: 'wrong-code' };
      // A call before this one proved it, and got no further.
      return now.value.registered ? { kind: 'verified' } : { kind: 'done', registered: false };
    },
    pinOf(secrets) {
      const { registrationPin } = notesOf(secrets);
      if (registrationPin) return { pin: registrationPin, secrets: null };
      const pin = String(randomInt(1_000_000)).padStart(6, '0');
      return { pin, secrets: { ...secrets, registrationPin: pin } };
    },
    async register(number, pin) {
      const done = await post(number, 'register', { messaging_product: 'whatsapp', pin });
      return done.kind === 'ok' ? { kind: 'done' } : failureOf(done);
    },
  };
}

const FIELDS = 'id,code_verification_status,platform_type';

function registrationOf(body: unknown): Registration | null {
  if (!isObject(body)) return null;
  return { verified: body.code_verification_status === 'VERIFIED', registered: body.platform_type === 'CLOUD_API' };
}

type Failure = Exclude<Outcome<unknown>, { kind: 'ok' }>;

const isRefused = (failure: Failure, code: string): failure is { kind: 'refused'; refusal: Refusal } =>
  failure.kind === 'refused' && failure.refusal.code === code;

function failureOf(failure: Failure): CodeFailure {
  if (failure.kind === 'denied') {
    return { kind: 'refused', reason: `HTTP ${failure.httpStatus}`, credentials: false };
  }
  if (failure.kind !== 'refused') return { kind: 'unreachable', reason: failure.reason };
  const { code, said, subcode, otherwise } = failure.refusal;
  if (code === PIN_MISMATCH) return { kind: 'wrong-pin' };
  const kind = findError(META_ERRORS, code)?.kind ?? otherwise;
  const often = code === REGISTERED_TOO_OFTEN || code === GUESSED_TOO_OFTEN || code === GUESSED_TOO_FAST;
  if (subcode === TOO_MANY_CODES || often || kind === 'throttled') {
    return { kind: 'too-many', waitSeconds: WAIT_SECONDS };
  }
  const { message } = readableError(META_ERRORS, code, said);
  if (kind === 'retry') return { kind: 'unreachable', reason: message };
  return { kind: 'refused', reason: message, credentials: kind === 'credentials' || kind === 'stop' };
}
