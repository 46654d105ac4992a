import { readableError } from '../errors.ts';
import type { Credentials, Enrolled } from '../number.ts';
import type { Outcome } from '../provider.ts';
import { META_ERRORS } from './errors.ts';
import { isObject, string } from './fields.ts';
import { callGraph, type GraphPlace, isDone } from './graph-call.ts';

export interface SignupOptions extends GraphPlace {
  /** The installation's app; without both there is no sign-up. */
  appId: string | undefined;
  appSecret: string | undefined;
}

/** What a tenant brings from Meta's Embedded Signup instead of a token. */
export interface SignupSecrets {
  businessAccountId: string;
  signupCode: string;
  /** Registers the number; without one it stays as it is (coexistence). */
  pin?: string | undefined;
}

/** Code → token, then the app follows the account and the number is registered. */
export async function finishSignup(options: SignupOptions, given: Credentials): Promise<Enrolled> {
  const { signupCode, pin, ...kept } = given.secrets as SignupSecrets;
  const { appId, appSecret } = options;
  if (!appId || !appSecret) return { kind: 'refused', reason: 'This installation has no app for the sign-up' };
  const exchange = { client_id: appId, client_secret: appSecret, code: signupCode, grant_type: 'authorization_code' };
  const token = await callGraph(options, 'oauth/access_token', null, exchange, (body) =>
    isObject(body) ? string(body.access_token) : null,
  );
  if (token.kind !== 'ok') return failed('The code of the sign-up was not accepted', token);
  const subscribed = await callGraph(options, `${kept.businessAccountId}/subscribed_apps`, token.value, {}, isDone);
  if (subscribed.kind !== 'ok') return failed('The app could not follow the business account', subscribed);
  if (pin !== undefined) {
    const body = { messaging_product: 'whatsapp', pin };
    const registered = await callGraph(options, `${given.providerId}/register`, token.value, body, isDone);
    if (registered.kind !== 'ok') return failed('The number could not be registered', registered);
  }
  return { kind: 'ok', secrets: { ...kept, accessToken: token.value } };
}

function failed(what: string, outcome: Exclude<Outcome<unknown>, { kind: 'ok' }>): Enrolled {
  switch (outcome.kind) {
    case 'refused': {
      const { code, said } = outcome.refusal;
      return { kind: 'refused', reason: `${what}: ${readableError(META_ERRORS, code, said).message}` };
    }
    case 'denied':
      return { kind: 'refused', reason: `${what}: HTTP ${outcome.httpStatus}` };
    default:
      return { kind: 'unreachable', reason: outcome.reason };
  }
}
