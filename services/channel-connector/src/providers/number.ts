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
  | { status: 'connected'; reason: null }
  /** `unreachable`: the provider could not be asked, which says nothing of the number. */
  | { status: 'error'; reason: string; unreachable?: boolean };
