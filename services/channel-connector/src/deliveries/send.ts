import { cutText } from '@recado/service-kit';
import { Webhook } from 'standardwebhooks';
import { type Agent, request } from 'undici';
import { redactText } from './redact-text.ts';
import { readRetryAfter } from './rules.ts';

/** One try: what goes out, to whom. */
export interface Sending {
  url: string;
  eventId: string;
  payload: string;
  /** The present one first; the former one too while it is valid. */
  secrets: readonly string[];
}

/** What came of it. */
export interface Sent {
  at: Date;
  durationMs: number;
  status: number | null;
  /** A code: `timeout`, `private_address`, or that of the connection's error. */
  error: string | null;
  response: string | null;
  retryAfterMs: number | null;
}

/** Characters of an answer that are kept. */
const KEPT = 1024;

/**
 * Posts an event as Standard Webhooks says. Never throws but when `signal` ends it: a failure is a
 * result. Redirects are not followed.
 */
export async function sendWebhook(
  { url, eventId, payload, secrets }: Sending,
  { dispatcher, signal, now, deadlineMs }: { dispatcher: Agent; signal: AbortSignal; now: Date; deadlineMs: number },
): Promise<Sent> {
  const began = performance.now();
  const done = (part: Omit<Sent, 'at' | 'durationMs'>): Sent => ({
    at: now,
    durationMs: Math.round(performance.now() - began),
    ...part,
  });
  const deadline = AbortSignal.timeout(deadlineMs);
  try {
    const { statusCode, headers, body } = await request(url, {
      method: 'POST',
      dispatcher,
      signal: AbortSignal.any([signal, deadline]),
      headers: {
        'content-type': 'application/json',
        'user-agent': 'Recado-Webhooks/1',
        ...signatureHeaders(secrets, eventId, payload, now),
      },
      body: payload,
    });
    const response = await readStart(body);
    const after = headers['retry-after'];
    const retryAfterMs = readRetryAfter(Array.isArray(after) ? after[0] : after, now);
    const error = statusCode >= 300 && statusCode < 400 ? 'redirect' : null;
    return done({
      status: statusCode,
      error,
      // Half a character is no text for Postgres.
      response: response && cutText(redactText(response, secrets), KEPT),
      retryAfterMs,
    });
  } catch (error) {
    if (signal.aborted) throw error;
    const code = deadline.aborted ? 'timeout' : codeOf(error);
    return done({ status: null, error: code, response: null, retryAfterMs: null });
  }
}

/** `webhook-signature` holds one signature for each secret. */
export function signatureHeaders(secrets: readonly string[], id: string, payload: string, at: Date) {
  const signatures = secrets.map((secret) => new Webhook(secret).sign(id, at, payload));
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': signatures.join(' '),
  };
}

/** The first characters of a body; the rest is not read. */
async function readStart(body: AsyncIterable<Buffer> & { destroy(): unknown }): Promise<string | null> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of body) {
      chunks.push(chunk);
      length += chunk.length;
      if (length >= KEPT * 4) break;
    }
  } catch {
    // The status counts, even when the body breaks off.
  } finally {
    body.destroy();
  }
  const text = Buffer.concat(chunks).toString('utf8').replaceAll('\u0000', '\uFFFD');
  return text === '' ? null : text;
}

const CODES: Record<string, string> = {
  ERR_PRIVATE_ADDRESS: 'private_address',
  UND_ERR_HEADERS_TIMEOUT: 'timeout',
  UND_ERR_BODY_TIMEOUT: 'timeout',
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
  UND_ERR_SOCKET: 'connection_lost',
  ECONNRESET: 'connection_lost',
  EPIPE: 'connection_lost',
};

/** A short code: messages of errors may hold addresses of ours. */
function codeOf(error: unknown): string {
  const { code, cause } = error as { code?: unknown; cause?: { code?: unknown } };
  const found = [code, cause?.code].find((one): one is string => typeof one === 'string');
  return found === undefined ? 'connection' : (CODES[found] ?? found.toLowerCase());
}
