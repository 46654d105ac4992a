import { randomInt } from 'node:crypto';
import type { SandboxParts } from '../parts.ts';
import { GraphError } from './errors.ts';
import { type Fields, invalid } from './fields.ts';
import type { MetaNumber, Registration } from './numbers.ts';

const HOUR_MS = 3_600_000;
/** Meta publishes neither of the three. */
const CODES_AN_HOUR = 5;
const CODE_LIFE_MS = 600_000;
const WRONG_CODES = 5;

const REQUEST_REFUSED = 136024;
const CODE_REFUSED = 136025;
/** "Wait an hour." */
const TOO_MANY_CODES = 2388091;

const WORKING: Registration = { status: 'VERIFIED', registered: true, code: null, asked: [] };
export const registrationOf = (number: MetaNumber): Registration => number.registration ?? WORKING;

/** `POST /:id/request_code`: sends a code to the phone of a number that is not verified. */
export function requestCode(parts: SandboxParts, number: MetaNumber, given: Fields): { success: true } {
  const { code_method: method, language } = given;
  if (method !== 'SMS' && method !== 'VOICE') throw invalid('Param code_method must be one of {SMS, VOICE}');
  if (typeof language !== 'string' || !/^[a-z]{2,3}(_[A-Z]{2})?$/.test(language)) {
    throw invalid('Param language must be a valid locale.');
  }
  const known = registrationOf(number);
  if (known.status === 'VERIFIED') {
    throw requestRefused('Phone number already verified', 'The phone number is verified already.');
  }
  const now = Date.now();
  const asked = known.asked.filter((at) => now - at < HOUR_MS);
  if (asked.length >= CODES_AN_HOUR) {
    throw requestRefused('Code not sent', 'Too many codes were asked for. Wait 1 hour.', TOO_MANY_CODES);
  }
  const code = {
    code: String(randomInt(1_000_000)).padStart(6, '0'),
    method,
    language,
    sentAt: now,
    wrong: 0,
  } as const;
  parts.numbers.put({ ...number, registration: { ...known, code, asked: [...asked, now] } });
  return { success: true };
}

/** `POST /:id/verify_code` with the code that the phone got. */
export function verifyCode(parts: SandboxParts, number: MetaNumber, { code: given }: Fields): { success: true } {
  if (typeof given !== 'string' || given === '') throw invalid('The parameter code is required.');
  const known = registrationOf(number);
  const { code } = known;
  const alive = code && code.wrong < WRONG_CODES && Date.now() - code.sentAt < CODE_LIFE_MS;
  if (known.status === 'VERIFIED' || !alive || code.code !== given) {
    if (code) parts.numbers.put({ ...number, registration: { ...known, code: { ...code, wrong: code.wrong + 1 } } });
    throw new GraphError(CODE_REFUSED, {
      userTitle: 'Code not accepted',
      userMessage: "Couldn't verify the code. Check it and try again, or ask for a new one.",
    });
  }
  parts.numbers.put({ ...number, registration: { ...known, status: 'VERIFIED', code: null } });
  return { success: true };
}

/** The number's `status`, `platform_type` and `code_verification_status`. */
export function registrationView(number: MetaNumber): Fields {
  const { status, registered } = registrationOf(number);
  return {
    code_verification_status: status,
    platform_type: registered ? 'CLOUD_API' : 'NOT_APPLICABLE',
    status: number.standing ?? (registered ? 'CONNECTED' : status === 'VERIFIED' ? 'PENDING' : 'UNVERIFIED'),
  };
}

const requestRefused = (userTitle: string, userMessage: string, subcode?: number): GraphError =>
  new GraphError(REQUEST_REFUSED, { userTitle, userMessage, subcode });
