import type { WebhookFrame } from '@recado/contracts';
import { createGroup, Unavailable } from '@recado/service-kit';
import type { FrameResult } from './side-queue.ts';

export interface BulkLane {
  /**
   * Whether a frame waits here: others have traffic, and it is large or its number brings most.
   * Otherwise its number counts as one with traffic, and answered() must follow.
   */
  takes(frame: WebhookFrame): boolean;
  /** A frame that was not taken has its answer. */
  answered(frame: WebhookFrame): void;
  /** Calls back once and later. A full lane answers Unavailable. */
  push(frame: WebhookFrame, done: (result: FrameResult) => void): void;
  /** Settles when nothing waits and nothing runs. */
  drain(): Promise<void>;
}

export interface BulkLaneOptions {
  /**
   * Posts some frames; never rejects. `inParts`: others have traffic, so the connector stores them
   * in small parts, with rests between.
   */
  send(frames: WebhookFrame[], inParts: boolean): Promise<FrameResult[]>;
  /** Bytes of a frame on the wire. */
  weigh(frame: WebhookFrame): number;
}

/** Some 45 messages in one webhook. */
const LARGE_BYTES = 32 * 1024;
/** Of one number within about a second: some 100 webhooks of one message. */
const MUCH_BYTES = 96 * 1024;
const LATELY_MS = 1000;
/** So many of one number without an answer are a flood, before its bytes say so. */
const MANY_UNANSWERED = 32;
/** Some 90 messages. */
const BATCH_BYTES = 64 * 1024;
/** What may wait; more is refused, and the provider sends it again. */
const MAX_WAITING_BYTES = 32 * 1024 * 1024;
/** Others are present for so long after their last webhook. */
const PRESENT_MS = 1000;

/** The lane of floods: one small request at a time, of which the connector makes smaller parts. */
export function createBulkLane({ send, weigh }: BulkLaneOptions): BulkLane {
  const traffic = createTraffic();
  const unanswered = createUnanswered();
  /** The last two numbers with ordinary traffic, by the steady clock. */
  let last = { number: '', at: Number.NEGATIVE_INFINITY };
  let before = last;
  let waitingBytes = 0;

  const group = createGroup<WebhookFrame, FrameResult>({
    maxInFlight: 1,
    weigh,
    maxWeight: BATCH_BYTES,
    keyOf: numberOf,
    run: (frames) => send(frames, frames.some(hasNeighbours)),
  });

  /** A frame whose path names no number may be any tenant's. */
  function hasNeighbours(frame: WebhookFrame): boolean {
    const number = numberOf(frame);
    const since = performance.now() - PRESENT_MS;
    return [last, before].some((one) => one.at > since && (one.number !== number || number === ''));
  }

  return {
    takes(frame) {
      const number = numberOf(frame);
      const muchLately = traffic.add(number, weigh(frame));
      const bringsMost = number !== '' && (muchLately || unanswered.isMost(number));
      if ((bringsMost || frame.body.length > LARGE_BYTES) && hasNeighbours(frame)) return true;
      if (number !== last.number) before = last;
      last = { number, at: performance.now() };
      unanswered.add(number);
      return false;
    },
    answered: (frame) => unanswered.remove(numberOf(frame)),
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
    drain: group.drain,
  };
}

/** Bytes of late: what came a second ago counts a third. */
class Lately {
  #bytes = 0;
  #at = 0;

  /** @param now milliseconds of the steady clock */
  add(bytes: number, now: number): number {
    this.#bytes = this.#bytes * Math.exp((this.#at - now) / LATELY_MS) + bytes;
    this.#at = now;
    return this.#bytes;
  }

  isOver(now: number): boolean {
    return now - this.#at > 10 * LATELY_MS;
  }
}

/** What each number brings. */
function createTraffic() {
  const all = new Lately();
  /** The number that was heard last stands last. */
  const numbers = new Map<string, Lately>();
  return {
    /** Counts a frame; whether its number brings much, and more than all others together. */
    add(number: string, bytes: number): boolean {
      const now = performance.now();
      const one = numbers.get(number) ?? new Lately();
      numbers.delete(number);
      numbers.set(number, one);
      for (const [oldest, lately] of numbers) {
        if (!lately.isOver(now)) break;
        numbers.delete(oldest);
      }
      const total = all.add(bytes, now);
      const own = one.add(bytes, now);
      return own > MUCH_BYTES && own > total / 2;
    },
  };
}

/** What waits outside this lane, by number. */
function createUnanswered() {
  const counts = new Map<string, number>();
  let total = 0;
  return {
    add(number: string): void {
      total++;
      counts.set(number, (counts.get(number) ?? 0) + 1);
    },
    remove(number: string): void {
      total--;
      const left = counts.get(number)! - 1;
      if (left === 0) counts.delete(number);
      else counts.set(number, left);
    },
    isMost(number: string): boolean {
      const own = counts.get(number) ?? 0;
      return own >= MANY_UNANSWERED && own > total / 2;
    },
  };
}

const numberOf = ({ channelId }: WebhookFrame) => channelId ?? '';
