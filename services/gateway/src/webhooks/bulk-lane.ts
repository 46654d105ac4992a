import type { WebhookFrame } from '@recado/contracts';
import { createGroup, Unavailable } from '@recado/service-kit';
import type { FrameResult } from './side-queue.ts';

export interface BulkLane {
  /**
   * Whether a frame waits here: others have traffic, and it is large or most of what waits is its
   * number's. Otherwise its number counts as one with traffic.
   */
  takes(frame: WebhookFrame): boolean;
  /** Calls back once and later. A full lane answers Unavailable. */
  push(frame: WebhookFrame, done: (result: FrameResult) => void): void;
  /** Bytes that join the ordinary lane; negative when they have left it. */
  countOrdinary(frame: WebhookFrame, bytes: number): void;
  /** Settles when nothing waits and nothing runs. */
  drain(): Promise<void>;
}

export interface BulkLaneOptions {
  /** Posts some frames; never rejects. */
  send(frames: WebhookFrame[]): Promise<FrameResult[]>;
  /** Bytes of a frame on the wire. */
  weigh(frame: WebhookFrame): number;
}

/** Some 45 messages in one webhook. */
const LARGE_BYTES = 32 * 1024;
/** Of one number, in the ordinary lane: some 90 webhooks of one message. */
const MUCH_BYTES = 64 * 1024;
/** A request of some 90 messages takes the database about 10 ms. */
const BATCH_BYTES = 64 * 1024;
/** What may wait; more is refused, and the provider sends it again. */
const MAX_WAITING_BYTES = 32 * 1024 * 1024;
/** Others are present for so long after their last webhook. */
const PRESENT_MS = 1000;
/** After a request the lane rests this many times as long as the request took. */
const REST_FACTOR = 5;
const MAX_REST_MS = 500;

/** The lane of floods: small requests, one at a time, with rests in which other numbers go on. */
export function createBulkLane({ send, weigh }: BulkLaneOptions): BulkLane {
  const ordinary = { total: 0, of: new Map<string, number>() };
  /** The last two numbers with ordinary traffic, by the steady clock. */
  let last = { number: '', at: Number.NEGATIVE_INFINITY };
  let before = last;
  let waitingBytes = 0;

  const group = createGroup<WebhookFrame, FrameResult>({
    maxInFlight: 1,
    weigh,
    maxWeight: BATCH_BYTES,
    keyOf: numberOf,
    async run(frames) {
      const started = performance.now();
      const results = await send(frames);
      const restMs = Math.min((performance.now() - started) * REST_FACTOR, MAX_REST_MS);
      // Before the answers, so a sender that waits for them sends no more until then.
      if (frames.some(hasNeighbours)) await new Promise((resolve) => setTimeout(resolve, restMs));
      return results;
    },
  });

  /** A frame whose path names no number may be any tenant's. */
  function hasNeighbours(frame: WebhookFrame): boolean {
    const number = numberOf(frame);
    const since = performance.now() - PRESENT_MS;
    return [last, before].some((one) => one.at > since && (one.number !== number || number === ''));
  }

  function isFlood(frame: WebhookFrame): boolean {
    if (frame.body.length > LARGE_BYTES) return true;
    const number = numberOf(frame);
    const waiting = number === '' ? 0 : (ordinary.of.get(number) ?? 0);
    return waiting > MUCH_BYTES && waiting > ordinary.total / 2;
  }

  return {
    takes(frame) {
      if (isFlood(frame) && hasNeighbours(frame)) return true;
      const number = numberOf(frame);
      if (number !== last.number) before = last;
      last = { number, at: performance.now() };
      return false;
    },
    push(frame, done) {
      const bytes = weigh(frame);
      if (waitingBytes + bytes > MAX_WAITING_BYTES) {
        setImmediate(done, new Unavailable('capacity'));
        return;
      }
      waitingBytes += bytes;
      group.push(frame, (error, result) => {
        waitingBytes -= bytes;
        done(result ?? new Unavailable('channel-connector', error));
      });
    },
    countOrdinary(frame, bytes) {
      const number = numberOf(frame);
      const waiting = (ordinary.of.get(number) ?? 0) + bytes;
      ordinary.total += bytes;
      if (waiting > 0) ordinary.of.set(number, waiting);
      else ordinary.of.delete(number);
    },
    drain: group.drain,
  };
}

const numberOf = ({ channelId }: WebhookFrame) => channelId ?? '';
