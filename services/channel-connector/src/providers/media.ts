import { type Readable, Transform } from 'node:stream';
import type { MEDIA_FAILURES } from '@recado/contracts';
import { type Dispatcher, request } from 'undici';
import { cleanText } from '../webhooks/clean.ts';

/** What a message tells of its file. */
export interface WantedMedia {
  id?: string | undefined;
  url?: string | undefined;
  type?: string | undefined;
  providerMessageId: string;
}

/** `expired`: the provider has it no more. `mismatch`: its bytes are not those announced. */
export type MediaFailure = (typeof MEDIA_FAILURES)[number];

/** How the fetch of a file began; its bytes may still break off. */
export type FetchedMedia =
  | { kind: 'ok'; body: Readable; type?: string | undefined; sha256?: string | undefined }
  /** Another try would end the same. */
  | { kind: 'gone'; code: MediaFailure; reason: string }
  | { kind: 'failed'; code: MediaFailure; reason: string };

/** A server may have to fetch and decrypt the file first. */
const HEADERS_MS = 60_000;
/** Milliseconds without a byte. */
const IDLE_MS = 30_000;

type Answer = {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Readable & { json(): Promise<unknown>; dump(): Promise<unknown> };
};

interface CallOptions {
  method?: 'GET' | 'POST';
  headers: Record<string, string>;
  body?: string;
  headersMs?: number;
}

/** One call whose answer is a stream. Never rejects, follows no redirect. */
export async function openCall(
  dispatcher: Dispatcher,
  url: string,
  { headersMs = HEADERS_MS, ...options }: CallOptions,
): Promise<Answer | { status: null; reason: string }> {
  try {
    const limits = { headersTimeout: headersMs, bodyTimeout: IDLE_MS };
    const { statusCode, headers, body } = await request(url, { method: 'GET', ...limits, ...options, dispatcher });
    return { status: statusCode, headers, body: body as unknown as Answer['body'] };
  } catch (error) {
    return { status: null, reason: cleanText(error instanceof Error ? error.message : String(error), 200) };
  }
}

/** What a status says of a file that was asked for. */
export function failureOf(status: number, whose: string): Exclude<FetchedMedia, { kind: 'ok' }> {
  const reason = `${whose} answered with HTTP ${status}`;
  if (status === 404 || status === 410) return { kind: 'gone', code: 'expired', reason };
  if (status === 401 || status === 403) return { kind: 'failed', code: 'refused', reason };
  return { kind: 'failed', code: 'unreachable', reason };
}

/** With 400 a server may say that the message, or a file of it, is not there. */
const NOT_THERE = /not found|does not contain media/i;
/** Characters of an error that are read. */
const MAX_SAID = 4096;

/** Why a tenant's own server gives no file, by its answer. */
export async function failureOfServer(
  { status, body }: Answer,
  whose: string,
): Promise<Exclude<FetchedMedia, { kind: 'ok' }>> {
  let said = '';
  for await (const chunk of body) {
    said += String(chunk);
    if (said.length > MAX_SAID) break;
  }
  const failure = failureOf(status, whose);
  return status === 400 && NOT_THERE.test(said) ? { ...failure, kind: 'gone', code: 'expired' } : failure;
}

export const unreachable = (reason: string): FetchedMedia => ({ kind: 'failed', code: 'unreachable', reason });

/** Hex, of a digest that came as hex or base64; undefined for anything else. */
export function sha256Hex(digest: string | undefined): string | undefined {
  if (digest === undefined) return undefined;
  if (/^[0-9a-f]{64}$/i.test(digest)) return digest.toLowerCase();
  const bytes = Buffer.from(digest, 'base64');
  return bytes.length === 32 ? bytes.toString('hex') : undefined;
}

/** Where the bytes begin. What follows decides whether they stand in a data URL. */
const MARK = /"base64"\s*:\s*"(?:data:[^",]{0,200},|(?!data:)(?=[^"]{5}|[^"]{0,4}"))/;
/** The mark and what stands before it. */
const MAX_HEAD = 64 * 1024;

/**
 * The bytes of the field `base64` in a JSON answer, as they come: a video of 16 MB is never whole
 * in memory. Fails when the answer has no such field or ends within it.
 */
export function bytesOfBase64(): Transform {
  let head: string | null = '';
  let rest = '';
  let ended = false;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (ended) return done();
      let text = rest + chunk.toString('latin1');
      rest = '';
      if (head !== null) {
        head += text;
        const mark = MARK.exec(head);
        if (!mark) return done(head.length > MAX_HEAD ? new Error('The answer holds no file') : null);
        text = head.slice(mark.index + mark[0].length);
        head = null;
      }
      const end = text.indexOf('"');
      ended = end >= 0;
      // JSON may escape the slash.
      const clean = (ended ? text.slice(0, end) : text).replaceAll('\\/', '/');
      const whole = ended ? clean.length : clean.length - (clean.length % 4) - (clean.endsWith('\\') ? 4 : 0);
      rest = ended ? '' : clean.slice(Math.max(0, whole));
      done(null, Buffer.from(clean.slice(0, Math.max(0, whole)), 'base64'));
    },
    flush(done) {
      done(ended ? null : new Error('The answer ended within the file'));
    },
  });
}
