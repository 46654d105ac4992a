/**
 * Raw webhooks on the wire between gateway and connector: many in one request, their bytes untouched.
 * A frame is a header of 4-byte big-endian lengths and three parts:
 *   u32 channelId length, u32 signature length, u32 body length, then the parts (UTF-8, UTF-8, raw).
 * Length 0xffffffff stands for null. The answer is one u16 big-endian HTTP status per frame, in order.
 */
export interface WebhookFrame {
  /** Channel id of the path; null: found by the payload's phone_number_id. */
  channelId: string | null;
  /** The X-Hub-Signature-256 header. */
  signature: string | null;
  body: Uint8Array;
}

const NONE = 0xffffffff;
const HEADER = 12;
/** One request carries at most this many bytes of frames. */
export const FRAMES_MAX_BYTES = 16 * 1024 * 1024;
export const FRAMES_MAX_COUNT = 256;
export const FRAMES_PATH = '/webhooks/meta/frames';
export const FRAMES_CONTENT_TYPE = 'application/vnd.recado.webhook-frames';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function encodeFrames(frames: readonly WebhookFrame[]): Uint8Array {
  const parts = frames.map((frame) => ({
    channel: frame.channelId === null ? null : encoder.encode(frame.channelId),
    signature: frame.signature === null ? null : encoder.encode(frame.signature),
    body: frame.body,
  }));
  const size = parts.reduce(
    (sum, p) => sum + HEADER + (p.channel?.length ?? 0) + (p.signature?.length ?? 0) + p.body.length,
    0,
  );
  const out = new Uint8Array(size);
  const view = new DataView(out.buffer);
  let at = 0;
  for (const { channel, signature, body } of parts) {
    view.setUint32(at, channel === null ? NONE : channel.length);
    view.setUint32(at + 4, signature === null ? NONE : signature.length);
    view.setUint32(at + 8, body.length);
    at += HEADER;
    for (const part of [channel, signature, body]) {
      if (part === null) continue;
      out.set(part, at);
      at += part.length;
    }
  }
  return out;
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
    const signatureLength = view.getUint32(at + 4);
    const bodyLength = view.getUint32(at + 8);
    at += HEADER;
    const channelId = channelLength === NONE ? null : decoder.decode(take(channelLength));
    const signature = signatureLength === NONE ? null : decoder.decode(take(signatureLength));
    frames.push({ channelId, signature, body: take(bodyLength) });
  }
  return frames;
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
