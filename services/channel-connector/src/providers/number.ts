import type { NumberStanding } from '@recado/contracts';

/** A number as its driver sees it. `account` is made by the driver's `open`. */
export interface ProviderNumber<Account = unknown> {
  /** The provider's own id of the number. */
  providerId: string;
  account: Account;
}

/** What a tenant gave to connect a number: the public id, and what is kept sealed. */
export interface Credentials {
  providerId: string;
  secrets: object;
}

/** What the provider says of a number. The reason is for people. */
export type Finding =
  | { status: 'connected'; reason: null; facts?: NumberFacts }
  /**
   * `unreachable`: the provider could not be asked, which says nothing of the number.
   * `accepted`: the credentials are right, and the number is not.
   */
  | { status: 'error'; reason: string; unreachable?: boolean; accepted?: boolean; facts?: NumberFacts };

/** What the provider tells of a number beside whether it works, in its own words. */
export interface NumberFacts {
  quality: string | null;
  /** Customers a day that the business may write to first. */
  messagingLimit: string | null;
  throughput: string | null;
  verifiedName: string | null;
  /** Whether a code to its phone proved it. */
  codeVerification?: string | null;
  standing?: NumberStanding | null;
}

/** What a sign-up at the provider came to. */
export type Enrolled =
  | { kind: 'ok'; secrets: object }
  | { kind: 'refused'; reason: string }
  | { kind: 'unreachable'; reason: string };
