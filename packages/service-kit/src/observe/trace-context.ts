import { randomFillSync } from 'node:crypto';

const TRACEPARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;
const pool = Buffer.alloc(24 * 128);
let offset = pool.length;

/** A new W3C traceparent, sampled: services further down may record it. */
export function startTraceparent(): string {
  if (offset === pool.length) {
    randomFillSync(pool);
    offset = 0;
  }
  const hex = pool.toString('hex', offset, offset + 24);
  offset += 24;
  return `00-${hex.slice(0, 32)}-${hex.slice(32)}-01`;
}

/** The incoming traceparent when it is well formed, else a fresh one. */
export function continueTraceparent(incoming: unknown): string {
  return typeof incoming === 'string' && TRACEPARENT.test(incoming) ? incoming : startTraceparent();
}

/** The 32 hex digits that name the whole trace. */
export function traceId(traceparent: string): string {
  return traceparent.slice(3, 35);
}
