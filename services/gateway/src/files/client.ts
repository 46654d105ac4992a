import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import {
  FILE_CONTENT_PATH,
  FILE_CONTENT_TYPE,
  FILE_NAME_HEADER,
  FILE_TYPE_HEADER,
  FILES_PATH,
  type FileVariant,
  type StoredFile,
} from '@recado/contracts';
import {
  AppError,
  type Caller,
  CLIENT_AGENT_HEADER,
  CLIENT_IP_HEADER,
  cutText,
  type InternalTokens,
  remoteError,
  Unavailable,
} from '@recado/service-kit';
import { Pool } from 'undici';
import type { CallContext } from '../edge/call-context.ts';

/** Bytes of files between clients and the connector, never whole in memory. */
export interface FilesClient {
  /** @throws AppError as the connector answered; Unavailable */
  upload(source: Readable, about: { name: string; type: string }, call: CallContext): Promise<StoredFile>;
  /** The connector's answer, also a 304 or 416. @throws AppError; Unavailable */
  open(
    wanted: { fileId: string; variant: FileVariant; as: 'inline' | 'attachment' },
    caller: Caller,
    headers: IncomingHttpHeaders,
  ): Promise<{ status: number; headers: IncomingHttpHeaders; body: Readable }>;
  close(): Promise<void>;
}

/** Milliseconds without a byte of an answer. After an upload a file is also converted. */
const IDLE_MS = 120_000;
/** Headers of the client that decide what is answered. */
const CONDITIONS = ['range', 'if-range', 'if-none-match'] as const;

export function createFilesClient({ baseUrl, tokens }: { baseUrl: string; tokens: InternalTokens }): FilesClient {
  const base = new URL(baseUrl);
  const prefix = base.pathname.replace(/\/$/, '');
  // Connections of their own: slow downloads take none of the others'.
  const pool = new Pool(base.origin, { connections: 256, pipelining: 1, keepAliveTimeout: 20_000 });
  const bearer = (caller: Caller) => `Bearer ${tokens.sign(caller, 'channel-connector')}`;

  return {
    async upload(source, { name, type }, { caller, requestId, traceparent, client }) {
      try {
        const answer = await pool.request({
          method: 'POST',
          path: prefix + FILES_PATH,
          headers: {
            authorization: bearer(caller),
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
          bodyTimeout: IDLE_MS,
        });
        const text = await answer.body.text();
        if (answer.statusCode !== 201) throw refusal(answer.statusCode, text, `POST ${FILES_PATH}`);
        return JSON.parse(text) as StoredFile;
      } catch (error) {
        // What the client's own stream failed with is no fault of the connector.
        throw source.errored ?? lost(error);
      }
    },
    async open({ fileId, variant, as }, caller, headers) {
      try {
        const answer = await pool.request({
          method: 'GET',
          path: `${prefix}${FILE_CONTENT_PATH.replace(':fileId', fileId)}?variant=${variant}&as=${as}`,
          headers: {
            authorization: bearer(caller),
            ...Object.fromEntries(CONDITIONS.flatMap((name) => (headers[name] ? [[name, headers[name]]] : []))),
          },
          headersTimeout: IDLE_MS,
          // A person may pause a video for as long as the connection lives.
          bodyTimeout: 0,
        });
        const { statusCode: status, body } = answer;
        if (status < 300 || status === 304 || status === 416) return { status, headers: answer.headers, body };
        throw refusal(status, await body.text(), `GET ${FILE_CONTENT_PATH}`);
      } catch (error) {
        throw lost(error);
      }
    },
    close: () => pool.close(),
  };
}

const refusal = (status: number, text: string, target: string) =>
  remoteError('channel-connector', target, status, text);

const lost = (error: unknown): Error =>
  error instanceof AppError ? error : new Unavailable('channel-connector', error);
