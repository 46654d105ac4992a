import type { ProviderNumber } from './number.ts';

/** How the code reaches the phone, and in which language, such as `es` or `pt_BR`. */
export interface CodeRequest {
  method: 'sms' | 'voice';
  language: string;
}

/** Why a step of proving a number by a code came to nothing. */
export type CodeFailure =
  /** The number was proved before. */
  | { kind: 'verified' }
  | { kind: 'wrong-code' }
  | { kind: 'wrong-pin' }
  | { kind: 'too-many'; waitSeconds: number }
  /** `credentials`: the account itself may do nothing. The reason is for people. */
  | { kind: 'refused'; reason: string; credentials: boolean }
  | { kind: 'unreachable'; reason: string };

/** How a provider proves a number by a code that it sends to the phone. No call rejects. */
export interface CodeProof<Account = unknown> {
  send(number: ProviderNumber<Account>, request: CodeRequest): Promise<{ kind: 'done' } | CodeFailure>;
  /** Proves the number. `registered`: nothing is left to do for it to send. */
  confirm(number: ProviderNumber<Account>, code: string): Promise<{ kind: 'done'; registered: boolean } | CodeFailure>;
  /** A PIN for `register`: the kept one, or a new one with what is to be kept then. */
  pinOf(secrets: object): { pin: string; secrets: object | null };
  /** Lets a proved number send. */
  register(number: ProviderNumber<Account>, pin: string): Promise<{ kind: 'done' } | CodeFailure>;
}
