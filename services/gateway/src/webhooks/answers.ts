import { AppError, NotFound, Unauthorized, Unavailable } from '@recado/service-kit';

/** Meta's largest known payloads are below it. */
export const BODY_LIMIT = 1024 * 1024;
export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
export const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json(?:\s*;|$)/;
export const SIGNATURE_HEADER = 'x-hub-signature-256';
/** What Meta reads as "have it". */
export const RECEIVED = 'EVENT_RECEIVED';
export const RECEIVED_TYPE = 'text/plain; charset=utf-8';
/** A SHA-256 in hex with its prefix has 71 characters. */
const MAX_SIGNATURE = 128;

/** Whether a header may be a signature; without one there is nothing for the connector to find out. */
export const isSignature = (header: unknown): header is string =>
  typeof header === 'string' && header !== '' && header.length <= MAX_SIGNATURE;

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
    default:
      return new Unavailable('channel-connector');
  }
}
