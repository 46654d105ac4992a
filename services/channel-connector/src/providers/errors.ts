import { CHANNEL_REASONS } from '@recado/contracts';
import { cutText } from '@recado/service-kit';

/** What a provider's refusal means for the message, and for the number that sent it. */
export type RefusalKind =
  /** Can pass: wait and try again. */
  | 'retry'
  /** The same, and all messages of the number wait. */
  | 'throttled'
  /** Too much to one customer: 4^n seconds. */
  | 'pair'
  /** The number itself must not send for now. */
  | 'stop'
  /** Token or permission: nothing goes until a person changes it. */
  | 'credentials'
  | 'template'
  | 'recipient'
  | 'request'
  | 'media';

export interface KnownError {
  kind: RefusalKind;
  /** A sentence that tells people what to do. */
  reason: string;
}

/** A provider's codes: the one place that says what each means. */
export type ErrorTable = Readonly<Record<string, KnownError>>;

export function findError(table: ErrorTable, code: string): KnownError | null {
  return Object.hasOwn(table, code) ? table[code]! : null;
}

/** A code and a sentence for people: ours first, then the provider's when it says more. */
export function readableError(
  table: ErrorTable,
  code: string | null,
  said: string | null,
): { code: string; message: string } {
  const reason = code === null ? null : (findError(table, code)?.reason ?? null);
  const detail = cutText(said?.trim() ?? '', 500) || null;
  const message = reason && detail ? `${reason} (${detail})` : (reason ?? detail ?? CHANNEL_REASONS.none);
  return { code: code ?? 'unknown', message };
}
