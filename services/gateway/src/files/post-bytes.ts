import type { Readable } from 'node:stream';
import { FILE_CONTENT_TYPE, FILE_NAME_HEADER, FILE_TYPE_HEADER } from '@recado/contracts';
import { CLIENT_AGENT_HEADER, CLIENT_IP_HEADER, cutText, type InternalTokens, remoteError } from '@recado/service-kit';
import type { Pool } from 'undici';
import type { CallContext } from '../edge/call-context.ts';

/** Where bytes go. */
export interface ByteRoute {
  pool: Pool;
  service: 'channel-connector' | 'conversation';
  /** Of the service's URL. */
  prefix: string;
  path: string;
  tokens: InternalTokens;
  /** Milliseconds without a byte of the answer. */
  idleMs: number;
}

/**
 * Passes bytes on to a service while they come, never whole in memory.
 * @returns its answer of status 201
 * @throws AppError as the service answered; what the client's own stream failed with
 */
export async function postBytes<T>(
  { pool, service, prefix, path, tokens, idleMs }: ByteRoute,
  source: Readable,
  { name, type }: { name: string; type: string },
  { caller, requestId, traceparent, client }: CallContext,
): Promise<T> {
  const answer = await pool.request({
    method: 'POST',
    path: prefix + path,
    headers: {
      authorization: `Bearer ${tokens.sign(caller, service)}`,
      'content-type': FILE_CONTENT_TYPE,
      [FILE_NAME_HEADER]: encodeURIComponent(cutText(name.toWellFormed(), 500)),
      [FILE_TYPE_HEADER]: encodeURIComponent(cutText(type.toWellFormed(), 200)),
      ...(requestId ? { 'x-request-id': requestId } : {}),
      ...(traceparent ? { traceparent } : {}),
      ...(client?.ip ? { [CLIENT_IP_HEADER]: client.ip } : {}),
      ...(client?.userAgent ? { [CLIENT_AGENT_HEADER]: encodeURIComponent(client.userAgent) } : {}),
    },
    body: source,
    // The gateway ends an upload that stands still.
    headersTimeout: 0,
    bodyTimeout: idleMs,
  });
  const text = await answer.body.text();
  if (answer.statusCode !== 201) throw remoteError(service, `POST ${path}`, answer.statusCode, text);
  return JSON.parse(text) as T;
}
