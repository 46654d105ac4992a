import { type Message, PROVIDER_ERROR_CODES, type ProviderErrorCode } from '@recado/contracts';

/** Why a message failed, and what to do about it. */
export interface Failure {
  message: string;
  hint: string;
}

/** One entry per code of the one list. */
export type FailureTexts = Record<ProviderErrorCode, Failure>;

export interface ShownFailure extends Failure {
  code: string;
  /** The provider's own sentence. */
  detail?: string;
}

/** How services say that a provider gave none. */
const NO_REASON = 'gave no reason';
const KNOWN: ReadonlySet<string> = new Set(PROVIDER_ERROR_CODES);

/** A failed message's error in an edition's words; undefined for one that did not fail. */
export function failureOf({ failures }: { failures: FailureTexts }, error: Message['error']): ShownFailure | undefined {
  if (error === null) return undefined;
  const { code, message: said } = error;
  const key = keyOf(code);
  const { message, hint } = failures[key];
  if (said === '' || said.endsWith(NO_REASON)) return { code, message, hint };
  // Of a code that the table lacks the provider's sentence tells most.
  return key === 'unknown' ? { code, message: said, hint } : { code, message, hint, detail: said };
}

function keyOf(code: string): ProviderErrorCode {
  if (KNOWN.has(code)) return code as ProviderErrorCode;
  // 200 to 299 are about permissions.
  if (/^2\d\d$/.test(code)) return '10';
  return code.startsWith('http_') ? 'http' : 'unknown';
}
