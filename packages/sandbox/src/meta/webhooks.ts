import { Agent, request } from 'undici';
import type { Behaviour } from '../behaviour.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { LedgerWebhook } from '../ledger/rows.ts';
import type { Dice } from '../random.ts';
import type { Timers } from '../timers.ts';
import type { MetaNumber, NumberStore } from './numbers.ts';
import { buildPayload, encodeBody, signBody, type WebhookItem } from './payload.ts';
import { createQueue, type Queue } from './queue.ts';

export interface PostOptions {
  signature?: 'valid' | 'wrong' | 'none';
  /** Tried again with growing pauses until answered 200. Default true. */
  retry?: boolean;
  repeat?: boolean;
}

export interface WebhookEnd {
  status: LedgerWebhook['status'];
  attempts: number;
  lastStatus: number | null;
  lastError: string | null;
}

export interface WebhookSender {
  /** Tells one thing: held back, batched and repeated as the behaviour says. */
  push(phoneNumberId: string, item: WebhookItem): void;
  /** Tells several things in one POST, and ignores the behaviour's batching. */
  pushTogether(number: MetaNumber, items: WebhookItem[], perChange: number, options?: PostOptions): Promise<WebhookEnd>;
  /** Posts any body. */
  post(number: MetaNumber, body: unknown, keys: string[], options?: PostOptions): Promise<WebhookEnd>;
  /** Items and POSTs that are not finished, for any reason. */
  pending(): number;
  /** A few of the POSTs that are being tried again. */
  failing(): {
    phoneNumberId: string;
    keys: string[];
    attempts: number;
    lastStatus: number | null;
    lastError: string | null;
  }[];
  /** To be called when the behaviour changed. */
  wake(): void;
  /**
   * Drops everything that waits; comes back when the POSTs on their way have arrived (or after a
   * second).
   */
  reset(): Promise<void>;
  stop(): Promise<void>;
}

interface Job {
  phoneNumberId: string;
  body: Buffer;
  keys: string[];
  options: PostOptions;
  attempts: number;
  lastStatus: number | null;
  lastError: string | null;
  startedAt: number;
  end: (end: WebhookEnd) => void;
}

interface NumberQueue {
  queue: Queue<Job>;
  inFlight: number;
  buffer: WebhookItem[];
  flushing: boolean;
}

export interface WebhookSenderDeps {
  numbers: NumberStore;
  behaviour: () => Behaviour;
  dice: Dice;
  timers: Timers;
  ledger: Ledger;
}

/**
 * Delivers webhooks as Meta does: signed, in any order, repeated, and tried again until answered
 * 200.
 */
export function createWebhookSender(deps: WebhookSenderDeps): WebhookSender {
  const { numbers, behaviour, dice, timers, ledger } = deps;
  const agent = new Agent({ connections: 256, pipelining: 1, keepAliveTimeout: 10_000, connect: { timeout: 5_000 } });
  const queues = new Map<string, NumberQueue>();
  const jobs = new Set<Job>();
  const failingJobs = new Set<Job>();
  const onTheWay = new Set<Promise<void>>();
  let itemsWaiting = 0;
  /** Counts resets: a POST that returns from before a reset is ignored. */
  let era = 0;
  let stopped = false;

  const queueOf = (id: string): NumberQueue => {
    let own = queues.get(id);
    if (!own) {
      own = { queue: createQueue(), inFlight: 0, buffer: [], flushing: false };
      queues.set(id, own);
    }
    return own;
  };

  function finish(job: Job, status: LedgerWebhook['status']): void {
    if (!jobs.delete(job)) return;
    failingJobs.delete(job);
    const end = { status, attempts: job.attempts, lastStatus: job.lastStatus, lastError: job.lastError };
    ledger.append('webhooks', {
      provider: 'meta',
      phoneNumberId: job.phoneNumberId,
      keys: job.keys,
      bytes: job.body.length,
      ...end,
      repeat: job.options.repeat ?? false,
      tookMs: Date.now() - job.startedAt,
    });
    job.end(end);
  }

  async function tryOnce(job: Job, number: MetaNumber, url: string): Promise<void> {
    const { timeoutMs } = behaviour().webhook;
    const signature = job.options.signature ?? 'valid';
    job.attempts++;
    try {
      const response = await request(url, {
        dispatcher: agent,
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'user-agent': 'facebookexternalua',
          ...(signature === 'none'
            ? {}
            : {
                'x-hub-signature-256': signBody(
                  signature === 'valid' ? number.appSecret : `not ${number.appSecret}`,
                  job.body,
                ),
              }),
        },
        body: job.body,
        headersTimeout: timeoutMs,
        bodyTimeout: timeoutMs,
      });
      await response.body.dump();
      job.lastStatus = response.statusCode;
      job.lastError = null;
    } catch (error) {
      job.lastStatus = null;
      job.lastError = error instanceof Error ? error.message || error.name : String(error);
    }
  }

  async function run(job: Job, own: NumberQueue, bornIn: number): Promise<void> {
    const number = numbers.find(job.phoneNumberId);
    // The address is read at each try: a number registered again with another one takes its retries
    // along.
    if (!number?.webhookUrl) return finish(job, 'no-webhook');
    own.inFlight++;
    const attempt = tryOnce(job, number, number.webhookUrl);
    onTheWay.add(attempt);
    await attempt;
    onTheWay.delete(attempt);
    own.inFlight--;
    if (bornIn !== era || stopped) return;
    if (job.lastStatus === 200) finish(job, 'accepted');
    else if (job.options.retry === false) finish(job, 'refused');
    else {
      const { retryFirstMs, retryFactor, retryMaxMs, giveUpAfterMs } = behaviour().webhook;
      if (Date.now() - job.startedAt > giveUpAfterMs) finish(job, 'gave-up');
      else {
        failingJobs.add(job);
        const pause = Math.min(retryMaxMs, retryFirstMs * retryFactor ** (job.attempts - 1));
        timers.after(pause, () => {
          if (bornIn !== era) return;
          own.queue.push(job);
          pump(own);
        });
      }
    }
    pump(own);
  }

  function pump(own: NumberQueue): void {
    const { concurrency, paused } = behaviour().webhook;
    if (paused || stopped) return;
    while (own.inFlight < concurrency) {
      const job = own.queue.shift();
      if (!job) return;
      void run(job, own, era);
    }
  }

  function start(phoneNumberId: string, body: Buffer, keys: string[], options: PostOptions): Promise<WebhookEnd> {
    const { promise, resolve } = Promise.withResolvers<WebhookEnd>();
    const job: Job = {
      phoneNumberId,
      body,
      keys,
      options,
      attempts: 0,
      lastStatus: null,
      lastError: null,
      startedAt: Date.now(),
      end: resolve,
    };
    jobs.add(job);
    const own = queueOf(phoneNumberId);
    const enqueue = () => {
      own.queue.push(job);
      pump(own);
    };
    const { delayMs } = behaviour().webhook;
    if (delayMs > 0) timers.after(delayMs, enqueue);
    else enqueue();
    return promise;
  }

  function flush(phoneNumberId: string, own: NumberQueue): void {
    own.flushing = false;
    const number = numbers.find(phoneNumberId);
    const { batchMax, itemsPerChange, escapeUnicode } = behaviour().webhook;
    while (own.buffer.length > 0) {
      const items = own.buffer.splice(0, batchMax);
      itemsWaiting -= items.length;
      if (!number) continue; // deregistered since then: Meta sends nothing either
      const keys = items.map((item) => item.key);
      const body = encodeBody(buildPayload(number, items, itemsPerChange), escapeUnicode);
      void start(phoneNumberId, body, keys, {});
      if (dice.roll('duplicate', behaviour().duplicateRate)) {
        itemsWaiting++;
        timers.after(behaviour().duplicateDelayMs, () => {
          itemsWaiting--;
          void start(phoneNumberId, body, keys, { repeat: true });
        });
      }
    }
  }

  function buffer(phoneNumberId: string, item: WebhookItem): void {
    const own = queueOf(phoneNumberId);
    own.buffer.push(item);
    const { batchMax, batchWindowMs } = behaviour().webhook;
    if (own.buffer.length >= batchMax) flush(phoneNumberId, own);
    else if (!own.flushing) {
      own.flushing = true;
      timers.after(batchWindowMs, () => flush(phoneNumberId, own));
    }
  }

  function drop(): void {
    era++;
    itemsWaiting = 0;
    for (const own of queues.values()) {
      own.queue = createQueue();
      own.buffer = [];
      own.inFlight = 0;
    }
    for (const job of [...jobs]) finish(job, 'abandoned');
    queues.clear();
  }

  return {
    push(phoneNumberId, item) {
      itemsWaiting++;
      if (!dice.roll('reorder', behaviour().reorderRate)) buffer(phoneNumberId, item);
      else timers.after(dice.upTo('reorder-ms', behaviour().reorderMs), () => buffer(phoneNumberId, item));
    },
    pushTogether(number, items, perChange, options = {}) {
      const body = encodeBody(buildPayload(number, items, perChange), behaviour().webhook.escapeUnicode);
      return start(
        number.phoneNumberId,
        body,
        items.map((item) => item.key),
        options,
      );
    },
    post: (number, body, keys, options = {}) =>
      start(number.phoneNumberId, encodeBody(body, behaviour().webhook.escapeUnicode), keys, options),
    pending: () => jobs.size + itemsWaiting,
    failing: () =>
      [...failingJobs].slice(0, 100).map(({ phoneNumberId, keys, attempts, lastStatus, lastError }) => ({
        phoneNumberId,
        keys,
        attempts,
        lastStatus,
        lastError,
      })),
    wake() {
      for (const own of queues.values()) pump(own);
    },
    async reset() {
      drop();
      // A POST from before must not reach a receiver that believes the sandbox is fresh.
      const deadline = new Promise<void>((resolve) => setTimeout(resolve, 1000).unref());
      await Promise.race([Promise.all(onTheWay), deadline]);
    },
    async stop() {
      stopped = true;
      drop();
      await agent.destroy();
    },
  };
}
