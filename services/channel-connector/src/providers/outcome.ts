import type { RefusalKind } from './errors.ts';

/** How a call to a provider ended. */
export type Outcome<T> =
  | { kind: 'ok'; value: T }
  /** In the provider's own words. */
  | { kind: 'refused'; refusal: Refusal }
  /** Refused by something in between: an HTTP status that says no, without the provider's body. */
  | { kind: 'denied'; httpStatus: number }
  | { kind: 'not-sent'; reason: string }
  /** It may have arrived: a message is not sent again. */
  | { kind: 'lost'; reason: string };

export interface Refusal {
  /** Looked up in the driver's error table. */
  code: string;
  /** What it means when the table does not have the code. */
  otherwise: RefusalKind;
  /** The provider's sentence. */
  said: string | null;
  /** A finer code, where there is one. */
  subcode?: string;
}
