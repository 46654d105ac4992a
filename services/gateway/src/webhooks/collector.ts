import { FRAME_DEFERRED, FRAMES_MAX_BYTES, FRAMES_MAX_COUNT, type WebhookFrame } from '@recado/contracts';
import { createGroup, type InternalTokens, Unavailable } from '@recado/service-kit';
import { createBulkLane } from './bulk-lane.ts';
import { createFramesClient } from './frames-client.ts';
import { createSenderCredit } from './sender-credit.ts';
import { createSideQueue, type FrameResult } from './side-queue.ts';

export interface WebhookCollector {
  /**
   * Hands one raw webhook of an address on; gives the connector's HTTP status for it. Throws
   * TooManyRequests or Unavailable when there is none.
   */
  deliver(frame: WebhookFrame, address: string): Promise<number>;
  /**
   * The same by callback: with the status, or with why there is none. Calls back once and later.
   */
  push(frame: WebhookFrame, address: string, done: (result: FrameResult) => void): void;
  /** Waits for what is under way, then closes the connections. */
  close(): Promise<void>;
}

export interface CollectorOptions {
  connectorUrl: string;
  tokens: InternalTokens;
  timeoutMs?: number;
}

/**
 * One request commits while the next gathers webhooks. A second one starts beside it only with half
 * of a full request: a commit costs about the same for ten as for a hundred.
 */
const MAX_IN_FLIGHT = 2;
const BESIDE_FROM = FRAMES_MAX_COUNT / 2;
/**
 * What one request brings of a backlog. Large webhooks hold some hundred messages each, and all
 * webhooks of a request wait for all of them. 256 webhooks of one message are less.
 */
const BATCH_BYTES = 256 * 1024;
/** What may wait when the connector is slow; more is refused, and the provider sends it again. */
const MAX_WAITING_BYTES = 64 * 1024 * 1024;
/** A header of twelve bytes, an id and a signature, rounded up. */
const FRAME_OVERHEAD = 256;

/**
 * Sends webhooks to the connector in batches: those that arrive during a request go into the next
 * one. A single one goes at once, and a possibly bad one waits in the side queue.
 */
export function createWebhookCollector(options: CollectorOptions): WebhookCollector {
  const { timeoutMs = 10_000, ...connector } = options;
  const ordinary = createFramesClient({ ...connector, timeoutMs, connections: MAX_IN_FLIGHT, deferUnknown: true });
  // Connections of its own: what waits here is never in front of an ordinary webhook.
  const side = createFramesClient({ ...connector, timeoutMs, connections: 1, deferUnknown: false });
  // And for floods.
  const flood = createFramesClient({ ...connector, timeoutMs, connections: 1, deferUnknown: true });
  const credit = createSenderCredit();
  const sideQueue = createSideQueue({ send: (frames) => sendParts(side.send, frames) });
  let waitingBytes = 0;
  const weigh = (frame: WebhookFrame) => frame.body.length + FRAME_OVERHEAD;
  const bulk = createBulkLane({
    send: (frames, inParts) => sendParts((part) => flood.send(part, inParts), frames),
    weigh,
  });

  const group = createGroup<WebhookFrame, FrameResult>({
    maxInFlight: MAX_IN_FLIGHT,
    besideFrom: BESIDE_FROM,
    maxBatch: FRAMES_MAX_COUNT,
    weigh,
    maxWeight: BATCH_BYTES,
    // Tenants are known to the connector only; a number is one tenant's.
    keyOf: ({ channelId }) => channelId ?? '',
    run: (frames) => sendParts(ordinary.send, frames),
  });

  function push(frame: WebhookFrame, address: string, done: (result: FrameResult) => void): void {
    const bytes = frame.body.length;
    const admitted = credit.admit(address, bytes);
    const settle = (result: FrameResult) => {
      credit.settle(address, bytes, typeof result === 'number' ? result : null, admitted);
      done(result);
    };
    if (!admitted) sideQueue.push(frame, address, settle);
    else {
      pushOrdinary(frame, (result) => {
        if (result === FRAME_DEFERRED) sideQueue.push(frame, address, settle);
        else settle(result);
      });
    }
  }

  function pushOrdinary(frame: WebhookFrame, done: (result: FrameResult) => void): void {
    if (bulk.takes(frame)) {
      bulk.push(frame, done);
      return;
    }
    const bytes = weigh(frame);
    if (waitingBytes + bytes > MAX_WAITING_BYTES) {
      bulk.answered(frame);
      setImmediate(done, new Unavailable('channel-connector'));
      return;
    }
    waitingBytes += bytes;
    group.push(frame, (error, result) => {
      waitingBytes -= bytes;
      bulk.answered(frame);
      done(result ?? toUnavailable(error));
    });
  }

  return {
    push,
    deliver: (frame, address) =>
      new Promise((resolve, reject) => {
        push(frame, address, (result) => (typeof result === 'number' ? resolve(result) : reject(result)));
      }),
    async close() {
      await Promise.all([group.drain(), bulk.drain()]);
      await sideQueue.drain();
      await Promise.all([ordinary.close(), side.close(), flood.close()]);
    },
  };
}

/**
 * Sends frames in as many requests as their size takes: a part that fails does not refuse the parts
 * already stored.
 */
async function sendParts(
  send: (frames: readonly WebhookFrame[]) => Promise<FrameResult[]>,
  frames: readonly WebhookFrame[],
): Promise<FrameResult[]> {
  const results: FrameResult[] = [];
  for (const part of splitBySize(frames)) {
    results.push(...(await send(part).catch((error) => part.map(() => toUnavailable(error)))));
  }
  return results;
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
