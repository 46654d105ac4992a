import type { WebhookFrame } from '@recado/contracts';
import { type TooManyRequests, Unavailable } from '@recado/service-kit';

/**
 * The connector's status for a frame, when a limited number may try again, or why there is none.
 */
export type FrameResult = number | TooManyRequests | Unavailable;

export interface SideQueue {
  /**
   * Calls back once and later. An address that has too much waiting gets 429, a full queue
   * 503.
   */
  push(frame: WebhookFrame, address: string, done: (result: FrameResult) => void): void;
  /** Settles when nothing waits and nothing runs. */
  drain(): Promise<void>;
}

export interface SideQueueOptions {
  /** Posts some frames; never rejects. */
  send(frames: WebhookFrame[]): Promise<FrameResult[]>;
  maxBytes?: number;
  maxBytesPerAddress?: number;
  maxFramesPerAddress?: number;
}

const MAX_BYTES = 32 * 1024 * 1024;
/** Two of the largest webhooks. */
const MAX_BYTES_PER_ADDRESS = 6 * 1024 * 1024;
/** A provider's first burst, from an address that is not known yet, has to fit. */
const MAX_FRAMES_PER_ADDRESS = 1024;
const BATCH_FRAMES = 16;
const BATCH_BYTES = 4 * 1024 * 1024;
/**
 * After a batch with refusals the queue pauses this many times the batch's time: bad bodies get a
 * quarter of one core at most.
 */
const REST_FACTOR = 3;
const MAX_REST_MS = 1000;

interface Waiting {
  frame: WebhookFrame;
  done: (result: FrameResult) => void;
}

interface Queue {
  waiting: Waiting[];
  bytes: number;
}

/**
 * Bodies that may be bad: from addresses without credit, or for unknown channels. One request at a
 * time, one body of each address in turn, with pauses after refusals. Good ones are accepted.
 */
export function createSideQueue(options: SideQueueOptions): SideQueue {
  const { send, maxBytes = MAX_BYTES } = options;
  const { maxBytesPerAddress = MAX_BYTES_PER_ADDRESS, maxFramesPerAddress = MAX_FRAMES_PER_ADDRESS } = options;
  /** In the order of their turns. */
  const queues = new Map<string, Queue>();
  let bytes = 0;
  let busy = false;
  let drained: (() => void)[] = [];

  function push(frame: WebhookFrame, address: string, done: (result: FrameResult) => void): void {
    const queue = queues.get(address) ?? { waiting: [], bytes: 0 };
    const size = frame.body.length;
    if (queue.waiting.length >= maxFramesPerAddress || (queue.bytes > 0 && queue.bytes + size > maxBytesPerAddress)) {
      setImmediate(done, 429);
      return;
    }
    if (bytes > 0 && bytes + size > maxBytes) {
      setImmediate(done, new Unavailable('capacity'));
      return;
    }
    queue.waiting.push({ frame, done });
    queue.bytes += size;
    bytes += size;
    queues.set(address, queue);
    start();
  }

  function start(): void {
    if (busy) return;
    busy = true;
    setImmediate(() => void run());
  }

  async function run(): Promise<void> {
    while (queues.size > 0) {
      const batch = takeBatch();
      const started = performance.now();
      const results = await send(batch.map(({ frame }) => frame));
      const tookMs = performance.now() - started;
      for (const [i, { done }] of batch.entries()) done(results[i] ?? new Unavailable('channel-connector'));
      const refused = results.some((result) => typeof result === 'number' && result >= 400 && result < 500);
      if (refused) await new Promise((resolve) => setTimeout(resolve, Math.min(MAX_REST_MS, tookMs * REST_FACTOR)));
    }
    busy = false;
    for (const resolve of drained) resolve();
    drained = [];
  }

  /** One frame of each address in turn; who was served goes to the end. */
  function takeBatch(): Waiting[] {
    const batch: Waiting[] = [];
    let size = 0;
    while (batch.length < BATCH_FRAMES && queues.size > 0) {
      const [address, queue] = queues.entries().next().value!;
      const next = queue.waiting[0]!.frame.body.length;
      if (batch.length > 0 && size + next > BATCH_BYTES) break;
      batch.push(queue.waiting.shift()!);
      size += next;
      queue.bytes -= next;
      bytes -= next;
      queues.delete(address);
      if (queue.waiting.length > 0) queues.set(address, queue);
    }
    return batch;
  }

  return {
    push,
    drain: () => (busy ? new Promise((resolve) => drained.push(resolve)) : Promise.resolve()),
  };
}
