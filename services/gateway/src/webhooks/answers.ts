import { AppError, NotFound, TooManyRequests, Unauthorized, Unavailable } from '@recado/service-kit';

/** Meta's own limit of a webhook is 3 MB. */
export const BODY_LIMIT = 3 * 1024 * 1024;
export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
export const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json(?:\s*;|$)/;
export const SIGNATURE_HEADER = 'x-hub-signature-256';
/** What Meta reads as "have it". */
export const RECEIVED = 'EVENT_RECEIVED';
export const RECEIVED_TYPE = 'text/plain; charset=utf-8';
/** A SHA-256 in hex with its prefix. */
const SIGNATURE = /^sha256=[0-9a-f]{64}$/i;
/** Seconds after which a number or an address that sent too much may try again. */
const RETRY_AFTER_SECONDS = 5;

/** Whether a header may be a signature; without one there is nothing for the connector to find out. */
export const isSignature = (header: unknown): header is string => typeof header === 'string' && SIGNATURE.test(header);

/** What a status of the connector other than 200 means to whoever sent the webhook. */
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
