import type { Dispatcher } from 'undici';
import { callOnce } from '../call.ts';
import type { Outcome } from '../provider.ts';
import { isObject } from './fields.ts';
import { judge, VERSION } from './graph-client.ts';

export interface GraphPlace {
  graphUrl: string;
  dispatcher: Dispatcher;
}

const TIMEOUT_MS = 5000;

/** One call of the Graph API; with a body it is a POST. */
export async function callGraph<T>(
  { graphUrl, dispatcher }: GraphPlace,
  path: string,
  token: string | null,
  body: object | null,
  read: (body: unknown) => T | null,
): Promise<Outcome<T>> {
  const { origin, pathname } = new URL(graphUrl);
  const outcome = await callOnce(dispatcher, {
    origin,
    path: `${pathname.replace(/\/$/, '')}/${VERSION}/${path}`,
    method: body ? 'POST' : 'GET',
    headers: { 'content-type': 'application/json', ...(token === null ? {} : { authorization: `Bearer ${token}` }) },
    ...(body ? { body: JSON.stringify(body) } : {}),
    timeoutMs: TIMEOUT_MS,
  });
  return judge(outcome, read);
}

/** Reads `{success: true}`. */
export const isDone = (body: unknown): true | null => (isObject(body) && body.success === true ? true : null);
