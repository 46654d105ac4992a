import {
  decodeStatuses,
  encodeFrames,
  FRAMES_CONTENT_TYPE,
  FRAMES_MAX_BYTES,
  FRAMES_MAX_COUNT,
  FRAMES_PATH,
  type WebhookFrame,
} from '@recado/contracts';
import { createGroup, serviceCaller, signInternalToken, Unavailable } from '@recado/service-kit';
import { Pool } from 'undici';

export interface WebhookCollector {
  /** Hands one raw webhook on; gives the connector's HTTP status for it. Throws Unavailable when it can't be had. */
  deliver(frame: WebhookFrame): Promise<number>;
  /** The same by callback: with the status, or with why there is none. Calls back once and later. */
  push(frame: WebhookFrame, done: (result: number | Unavailable) => void): void;
  /** Waits for what is under way, then closes the connections. */
  close(): Promise<void>;
}

export interface CollectorOptions {
  connectorUrl: string;
  internalSecret: string;
  timeoutMs?: number;
}

/**
 * One request is being committed while the next gathers what arrives meanwhile; a second goes beside it only with half of what a request
 * holds. A commit costs much the same for ten webhooks as for a hundred, and two at a time would halve what each brings.
 */
const MAX_IN_FLIGHT = 2;
const BESIDE_FROM = FRAMES_MAX_COUNT / 2;
/** What may wait when the connector is slow; more is refused, and Meta sends it again. */
const MAX_WAITING_BYTES = 64 * 1024 * 1024;
/** A header of twelve bytes, an id and a signature, rounded up. */
const FRAME_OVERHEAD = 256;
const NO_TENANT = '00000000-0000-0000-0000-000000000000';

/**
 * Passes webhooks to the connector in batches: everything that arrived while earlier requests were under way goes into the next one,
 * so that a hop costs the same for one webhook as for a hundred. Alone, a webhook goes at once.
 */
export function createWebhookCollector(options: CollectorOptions): WebhookCollector {
  const { connectorUrl, internalSecret, timeoutMs = 10_000 } = options;
  const base = new URL(connectorUrl);
  const pool = new Pool(base.origin, { connections: MAX_IN_FLIGHT, pipelining: 1, keepAliveTimeout: 20_000 });
  const path = base.pathname.replace(/\/$/, '') + FRAMES_PATH;
  const caller = serviceCaller('gateway', NO_TENANT);
  let waitingBytes = 0;

  async function send(frames: readonly WebhookFrame[]): Promise<number[]> {
    try {
      const response = await pool.request({
        method: 'POST',
        path,
        headers: {
          'content-type': FRAMES_CONTENT_TYPE,
          authorization: `Bearer ${signInternalToken(internalSecret, caller)}`,
        },
        body: encodeFrames(frames),
        headersTimeout: timeoutMs,
        bodyTimeout: timeoutMs,
      });
      const answer = new Uint8Array(await response.body.arrayBuffer());
      if (response.statusCode !== 200) throw new Error(`The connector answered ${response.statusCode}`);
      const statuses = decodeStatuses(answer);
      if (statuses.length !== frames.length) throw new Error(`${statuses.length} statuses for ${frames.length} frames`);
      return statuses;
    } catch (error) {
      throw new Unavailable('channel-connector', error);
    }
  }

  const group = createGroup<WebhookFrame, number | Unavailable>({
    maxInFlight: MAX_IN_FLIGHT,
    besideFrom: BESIDE_FROM,
    maxBatch: FRAMES_MAX_COUNT,
    async run(frames) {
      const results: (number | Unavailable)[] = [];
      // One part of a split batch that fails must not refuse the parts already stored.
      for (const part of splitBySize(frames)) {
        const statuses = await send(part).catch((error: Unavailable) => part.map(() => error));
        results.push(...statuses);
      }
      return results;
    },
  });

  function push(frame: WebhookFrame, done: (result: number | Unavailable) => void): void {
    const bytes = frame.body.length + FRAME_OVERHEAD;
    if (waitingBytes + bytes > MAX_WAITING_BYTES) {
      setImmediate(done, new Unavailable('channel-connector'));
      return;
    }
    waitingBytes += bytes;
    group.push(frame, (error, result) => {
      waitingBytes -= bytes;
      done(result ?? toUnavailable(error));
    });
  }

  return {
    push,
    deliver: (frame) =>
      new Promise((resolve, reject) => {
        push(frame, (result) => (typeof result === 'number' ? resolve(result) : reject(result)));
      }),
    async close() {
      await group.drain();
      await pool.close();
    },
  };
}

const toUnavailable = (error: unknown) =>
  error instanceof Unavailable ? error : new Unavailable('channel-connector', error);

/** Cuts a batch into requests the connector takes; nearly always one. */
export function splitBySize(frames: readonly WebhookFrame[], maxBytes = FRAMES_MAX_BYTES): WebhookFrame[][] {
  const parts: WebhookFrame[][] = [];
  let part: WebhookFrame[] = [];
  let size = 0;
  for (const frame of frames) {
    const bytes = frame.body.length + FRAME_OVERHEAD;
    if (part.length > 0 && size + bytes > maxBytes) {
      parts.push(part);
      part = [];
      size = 0;
    }
    part.push(frame);
    size += bytes;
  }
  if (part.length > 0) parts.push(part);
  return parts;
}
