import { createHash, timingSafeEqual } from 'node:crypto';
import type { Webhook } from './provider.ts';

/** The secret of the webhook's URL, as the gateway hands it on: for providers that sign nothing. */
export const URL_SECRET_HEADER = 'x-recado-url-secret';

const SHORTEST = 16;

export const hasUrlSecret = ({ headers }: Webhook): boolean => (headers[URL_SECRET_HEADER]?.length ?? 0) >= SHORTEST;

/** Whether the URL held each of these secrets, in constant time. */
export function matchUrlSecrets({ headers }: Webhook, secrets: readonly string[]): boolean[] {
  const given = headers[URL_SECRET_HEADER];
  if (given === undefined) return secrets.map(() => false);
  const digest = sha256(given);
  return secrets.map((secret) => timingSafeEqual(digest, sha256(secret)));
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();
