import type { Dispatcher } from 'undici';
import { cleanText, parseForeignJson } from '../../webhooks/clean.ts';
import { type FetchedMedia, failureOf, openCall, sha256Hex, unreachable, type WantedMedia } from '../media.ts';
import { isObject, string } from './fields.ts';

export interface MetaMediaOptions {
  /** https://graph.facebook.com/v23.0 */
  graphUrl: string;
  dispatcher: Dispatcher;
}

/** Meta's codes for an object that is not there (any more), or not this number's. */
const GONE = new Set([33, 100, 131052]);
/** Beyond it an answer is none of Graph's. */
const MAX_ANSWER = 64 * 1024;

/**
 * Asks Graph for the link of a file and opens it; both take the number's token. The id lives 7
 * days, the link 5 minutes.
 */
export async function fetchMetaMedia(
  { graphUrl, dispatcher }: MetaMediaOptions,
  { phoneNumberId, accessToken }: { phoneNumberId: string; accessToken: string },
  { id }: WantedMedia,
): Promise<FetchedMedia> {
  if (!id) return { kind: 'gone', code: 'expired', reason: 'The message names no file' };
  const headers = { authorization: `Bearer ${accessToken}` };
  const asked = await openCall(
    dispatcher,
    `${graphUrl}/${encodeURIComponent(id)}?phone_number_id=${encodeURIComponent(phoneNumberId)}`,
    { headers },
  );
  if (asked.status === null) return unreachable(asked.reason);
  const answer = await readJson(asked.body);
  if (asked.status !== 200) return refusalOf(asked.status, answer);
  const url = isObject(answer) ? string(answer.url) : null;
  if (!isObject(answer) || url === null || !/^https?:\/\//.test(url)) return unreachable('Graph named no link');
  const file = await openCall(dispatcher, url, { headers });
  if (file.status === null) return unreachable(file.reason);
  if (file.status !== 200) {
    await file.body.dump();
    // The link is fresh: a 404 says that the file is not there yet, or no more. The id tells.
    return { ...failureOf(file.status, "Meta's server of files"), kind: 'failed' };
  }
  return {
    kind: 'ok',
    body: file.body,
    type: string(answer.mime_type) ?? undefined,
    sha256: sha256Hex(string(answer.sha256) ?? undefined),
  };
}

function refusalOf(status: number, answer: unknown): FetchedMedia {
  const error = isObject(answer) && isObject(answer.error) ? answer.error : {};
  const { code, error_subcode: subcode } = error;
  const said = cleanText(string(error.message) ?? `HTTP ${status}`, 200);
  if (code === 190 || code === 10 || status === 401) return { kind: 'failed', code: 'refused', reason: said };
  if (GONE.has(Number(code)) || subcode === 33) return { kind: 'gone', code: 'expired', reason: said };
  return failureOf(status, 'Graph');
}

async function readJson(body: AsyncIterable<Buffer>): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of body) {
      size += chunk.length;
      if (size > MAX_ANSWER) return null;
      chunks.push(chunk);
    }
    return parseForeignJson(Buffer.concat(chunks).toString('utf8'));
  } catch {
    return null; // broken off, or not JSON: the status decides
  }
}
