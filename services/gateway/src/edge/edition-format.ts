import type { ErrorCode } from '@recado/contracts';
import type { Language } from '../languages/language.ts';

/** An error as an edition is about to say it: in its language, with its status. */
export interface EdgeError {
  status: number;
  code: ErrorCode;
  message: string;
  details: { field: string; message: string }[] | null;
  entity: string | null;
  /** With `two_factor_required`: what the second step of the log-in shows. */
  challengeToken: string | null;
  /** Seconds until another try makes sense; also in `Retry-After`. */
  retryAfter?: number | null;
}

/** How an edition says things: its language, its statuses, the shape of its errors. */
export interface EditionFormat {
  /** Its language, with the sentences that its document words itself. */
  texts: Language;
  /** Statuses this edition's document gives otherwise than the one table; 422 mostly. */
  statuses?: Partial<Record<number, number>>;
  /** A service's field name in this edition's spelling. */
  fieldName?: (internal: string) => string;
  errorBody(error: EdgeError): unknown;
}
