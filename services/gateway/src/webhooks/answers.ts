import type { IncomingHttpHeaders } from 'node:http';
import { AppError, NotFound, TooManyRequests, Unauthorized, Unavailable } from '@recado/service-kit';

/** The largest webhook of a provider has 3 MB. */
export const BODY_LIMIT = 3 * 1024 * 1024;
export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
export const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json(?:\s*;|$)/;
/** The body of a good answer. */
export const RECEIVED = 'EVENT_RECEIVED';
export const RECEIVED_TYPE = 'text/plain; charset=utf-8';
/** Seconds after which a number or an address that sent too much may try again. */
const RETRY_AFTER_SECONDS = 5;

/** The header that a provider proves itself with. */
export interface ProofHeader {
  name: string;
  form: RegExp;
}

/** A SHA-256 in hex with its prefix. */
export const HUB_SIGNATURE: ProofHeader = { name: 'x-hub-signature-256', form: /^sha256=[0-9a-f]{64}$/i };

/** The proof among a request's headers; null leaves nothing for the connector to find out. */
export function proofIn(headers: IncomingHttpHeaders, { name, form }: ProofHeader): string | null {
  const value = headers[name];
  return typeof value === 'string' && form.test(value) ? value : null;
}

/** The error for the sender of a webhook, by a status of the connector other than 200. */
export function refusal(status: number): AppError {
  switch (status) {
    case 400:
      return new AppError('malformed_json', 'The body is not valid');
    case 401:
      return new Unauthorized('The signature is not valid', 'invalid_signature');
    case 404:
      return new NotFound('channel');
    case 413:
      return new AppError('payload_too_large', 'The body is too large');
    case 429:
      return new TooManyRequests(RETRY_AFTER_SECONDS);
    default:
      return new Unavailable('channel-connector');
  }
}
