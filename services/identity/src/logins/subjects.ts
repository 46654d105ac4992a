import { createHash } from 'node:crypto';
import type { Subject } from './attempts.ts';
import { networkOf } from './network.ts';

/** The address and the account of a password attempt. */
export interface LoginAttempt {
  email: string;
  ip: string | null | undefined;
  /** Many people may come from the address: a proxy that no setting names stands between. */
  sharedAddress?: boolean | undefined;
  /** The mark of a device that this account logged in from before. */
  device: string | null;
}

export interface Tries {
  /** Failures in the window of one account from one address, or from one of its known devices. */
  tries: number;
  /** From one address, over all accounts. */
  triesPerIp: number;
}

/**
 * The counters of an attempt. A known device has its own budget. Otherwise address with account
 * closes, and each of them alone only slows. A shared address closes nothing.
 */
export function subjectsOf(
  { email, ip, sharedAddress, device }: LoginAttempt,
  { tries, triesPerIp }: Tries,
): Subject[] {
  if (device) {
    const key = hashed('device', `${email}\n${device}`);
    return [{ key, limit: tries, pauses: true, clearedBySuccess: true }];
  }
  const network = networkOf(ip);
  const alone = network !== null && !sharedAddress;
  const subjects: Subject[] = [
    { key: hashed('account', email), limit: 2 * tries, pauses: true, clearedBySuccess: true },
    { key: hashed('pair', `${email}\n${network}`), limit: tries, pauses: !alone, clearedBySuccess: true },
  ];
  if (alone) subjects.push({ key: hashed('ip', network), limit: triesPerIp, pauses: true, clearedBySuccess: false });
  return subjects;
}

/**
 * The counter of a logged-in user who is asked for the password. It is separate, so a stolen
 * session cannot lock the log-in.
 */
export const ownSubjects = (userId: string, { tries }: Tries): Subject[] => [
  { key: hashed('own', userId), limit: tries, pauses: false, clearedBySuccess: true },
];

/** No address and no e-mail stands in Redis in clear. */
const hashed = (kind: string, value: string): string =>
  `${kind}:${createHash('sha256').update(`${kind}\n${value}`).digest('base64url').slice(0, 22)}`;
