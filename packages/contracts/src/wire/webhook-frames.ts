/**
 * A raw webhook on its way from gateway to connector, its bytes untouched.
 * Layout: docs/decisions/2026-11-21-webhooks-travel-in-frames.md
 */
export interface WebhookFrame {
  /** The channel, by the path of the webhook. */
  provider: string;
  /** Channel id of the path; null: the payload names the number. */
  channelId: string | null;
  /** What the provider proves itself with, by lower-case name. */
  headers: Readonly<Record<string, string>>;
  body: Uint8Array;
}

/** All that the previous version's frames can carry: it wrote the bare value. */
const BARE = { provider: 'meta', header: 'x-hub-signature-256' };

const NONE = 0xffffffff;
const HEADER = 12;
/** One request carries at most this many bytes of frames. */
export const FRAMES_MAX_BYTES = 16 * 1024 * 1024;
export const FRAMES_MAX_COUNT = 256;
/** From when there was one provider; the previous version calls and serves it. */
export const FRAMES_PATH = '/webhooks/meta/frames';
export const FRAMES_CONTENT_TYPE = 'application/vnd.recado.webhook-frames';
/**
 * With this header the connector answers FRAME_DEFERRED for unknown channels. They come again
 * without it.
 */
export const FRAMES_DEFER_HEADER = 'x-recado-defer-unknown';
export const FRAME_DEFERRED = 102;
/** With this header the connector stores the frames in small parts, and others go on in between. */
export const FRAMES_IN_PARTS_HEADER = 'x-recado-in-parts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function encodeFrames(frames: readonly WebhookFrame[]): Uint8Array {
  const origins = frames.map(writeOrigin);
  // A UTF-16 unit takes at most three bytes of UTF-8; ASCII takes one.
  let size = 0;
  for (const [i, { channelId, body }] of frames.entries()) {
    size += HEADER + ((channelId?.length ?? 0) + (origins[i]?.length ?? 0)) * 3 + body.length;
  }
  const out = new Uint8Array(size);
  const view = new DataView(out.buffer);
  let at = 0;
  const text = (value: string | null): number => {
    if (value === null) return NONE;
    const { written } = encoder.encodeInto(value, out.subarray(at));
    at += written;
    return written;
  };
  for (const [i, { channelId, body }] of frames.entries()) {
    const header = at;
    at += HEADER;
    view.setUint32(header, text(channelId));
    view.setUint32(header + 4, text(origins[i]!));
    view.setUint32(header + 8, body.length);
    out.set(body, at);
    at += body.length;
  }
  return out.subarray(0, at);
}

type Origin = Pick<WebhookFrame, 'provider' | 'headers'>;

/**
 * Provider and headers as text: the bare value where the previous version can read it, else JSON.
 */
function writeOrigin({ provider, headers }: Origin): string | null {
  if (provider === BARE.provider) {
    const names = Object.keys(headers);
    if (names.length === 0) return null;
    const value = headers[BARE.header];
    if (names.length === 1 && value !== undefined && !value.startsWith('{')) return value;
  }
  return JSON.stringify({ provider, headers });
}

function readOrigin(text: string | null): Origin {
  if (text === null) return { provider: BARE.provider, headers: {} };
  if (!text.startsWith('{')) return { provider: BARE.provider, headers: { [BARE.header]: text } };
  const { provider, headers } = parseOrigin(text);
  const isText = (value: unknown) => typeof value === 'string';
  if (!isText(provider) || typeof headers !== 'object' || headers === null || !Object.values(headers).every(isText)) {
    throw new RangeError('A frame does not tell its provider and headers');
  }
  return { provider, headers };
}

function parseOrigin(text: string): Origin {
  try {
    return JSON.parse(text);
  } catch {
    throw new RangeError('A frame does not tell its provider and headers');
  }
}

/** Reads frames without copying bodies. Throws RangeError on anything cut or over the count. */
export function decodeFrames(bytes: Uint8Array): WebhookFrame[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const frames: WebhookFrame[] = [];
  let at = 0;
  const take = (length: number): Uint8Array => {
    if (at + length > bytes.length) throw new RangeError('Frame is cut short');
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    if (frames.length === FRAMES_MAX_COUNT) throw new RangeError(`More than ${FRAMES_MAX_COUNT} frames`);
    if (at + HEADER > bytes.length) throw new RangeError('Frame header is cut short');
    const channelLength = view.getUint32(at);
    const originLength = view.getUint32(at + 4);
    const bodyLength = view.getUint32(at + 8);
    at += HEADER;
    const channelId = channelLength === NONE ? null : decoder.decode(take(channelLength));
    const { provider, headers } = readOrigin(originLength === NONE ? null : decoder.decode(take(originLength)));
    frames.push({ provider, channelId, headers, body: take(bodyLength) });
  }
  return frames;
}

/**
 * On an answer with 429 in it: `<index of the frame>=<seconds>,…`, when its sender may try again.
 */
export const FRAMES_RETRY_HEADER = 'x-recado-retry-after';

export function encodeRetryAfter(seconds: ReadonlyMap<number, number>): string {
  return [...seconds].map(([index, value]) => `${index}=${value}`).join();
}

/** The seconds by the frame's index; what is not a pair of numbers is left out. */
export function decodeRetryAfter(header: string): Map<number, number> {
  return new Map([...header.matchAll(/(\d+)=(\d+)/g)].map(([, index, value]) => [Number(index), Number(value)]));
}

export function encodeStatuses(statuses: readonly number[]): Uint8Array {
  const out = new Uint8Array(statuses.length * 2);
  const view = new DataView(out.buffer);
  for (const [i, status] of statuses.entries()) view.setUint16(i * 2, status);
  return out;
}

export function decodeStatuses(bytes: Uint8Array): number[] {
  if (bytes.length % 2) throw new RangeError('Statuses are cut short');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.length / 2 }, (_, i) => view.getUint16(i * 2));
}
