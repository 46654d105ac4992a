import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { FILE_CONTENT_PATH, FILES_PATH, type FileVariant, type StoredFile } from '@recado/contracts';
import { AppError, type Caller, type InternalTokens, remoteError, Unavailable } from '@recado/service-kit';
import { Pool } from 'undici';
import type { CallContext } from '../edge/call-context.ts';
import { postBytes } from './post-bytes.ts';

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
    async upload(source, about, call) {
      const route = { pool, service: 'channel-connector', prefix, path: FILES_PATH, tokens, idleMs: IDLE_MS } as const;
      try {
        return await postBytes<StoredFile>(route, source, about, call);
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
