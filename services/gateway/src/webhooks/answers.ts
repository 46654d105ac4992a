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

/** What a provider proves itself with, and the header under which the connector gets it. */
export interface ProofHeader {
  name: string;
  form: RegExp;
  /** It stands in this parameter of the URL instead, for providers that sign nothing. */
  query?: string;
}

/** A SHA-256 in hex with its prefix. */
export const HUB_SIGNATURE: ProofHeader = { name: 'x-hub-signature-256', form: /^sha256=[0-9a-f]{64}$/i };

/** The secret of a URL that Recado registered at the provider. */
export const URL_SECRET: ProofHeader = { name: 'x-recado-url-secret', form: /^[\x20-\x7e]{16,256}$/, query: 'secret' };

/** The proof of a request; null leaves nothing for the connector to find out. */
export function proofIn(headers: IncomingHttpHeaders, url: string, { name, form, query }: ProofHeader): string | null {
  const value = query === undefined ? headers[name] : parameterOf(url, query);
  return typeof value === 'string' && form.test(value) ? value : null;
}

/** A parameter of a URL. A provider may write the event's name behind the whole URL. */
function parameterOf(url: string, name: string): string | null {
  const start = url.indexOf('?');
  const value = start < 0 ? null : new URLSearchParams(url.slice(start + 1)).get(name);
  return value?.split('/', 1)[0] ?? null;
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
