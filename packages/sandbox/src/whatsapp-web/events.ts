import { Agent, request } from 'undici';
import type { Behaviour } from '../behaviour.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { LedgerWebhook, WebProvider } from '../ledger/rows.ts';
import type { WebhookEnd } from '../meta/webhooks.ts';
import type { Dice } from '../random.ts';
import type { Timers } from '../timers.ts';

export interface EventPost {
  provider: WebProvider;
  /** The instance or session that tells it. */
  owner: string;
  key: string;
  url: string;
  headers?: Record<string, string>;
  body: object;
  /** Times it is tried. */
  tries: number;
  /** Answers after which it is not tried again. */
  finalStatuses: readonly number[];
}

/** Posts events unsigned, each by itself and in no certain order, as these servers do. */
export interface EventSender {
  send(post: EventPost): Promise<WebhookEnd>;
  /** Events that are not finished, for any reason. */
  pending(): number;
  /** To be called when the behaviour changed. */
  wake(): void;
  /** Drops what waits; comes back when the posts on their way have arrived, or after a second. */
  reset(): Promise<void>;
  stop(): Promise<void>;
}

interface Job {
  post: EventPost;
  body: string;
  attempts: number;
  lastStatus: number | null;
  lastError: string | null;
  startedAt: number;
  repeat: boolean;
  end: (end: WebhookEnd) => void;
}

interface EventSenderDeps {
  behaviour: () => Behaviour;
  dice: Dice;
  timers: Timers;
  ledger: Ledger;
}

/** What the sender remembers between two events. */
interface State {
  agent: Agent;
  jobs: Set<Job>;
  /** Held back while the behaviour pauses webhooks. */
  held: Job[];
  onTheWay: Set<Promise<void>>;
}

export function createEventSender(deps: EventSenderDeps): EventSender {
  const agent = new Agent({ connections: 64, keepAliveTimeout: 10_000, connect: { timeout: 5_000 } });
  const state: State = { agent, jobs: new Set(), held: [], onTheWay: new Set() };
  const drop = () => {
    state.held = [];
    for (const job of [...state.jobs]) finish(deps, state, job, 'abandoned');
  };
  return {
    send: (post) => start(deps, state, post),
    pending: () => state.jobs.size,
    wake() {
      if (deps.behaviour().webhook.paused) return;
      for (const job of state.held.splice(0)) run(deps, state, job);
    },
    async reset() {
      drop();
      const deadline = new Promise<void>((resolve) => setTimeout(resolve, 1000).unref());
      await Promise.race([Promise.all(state.onTheWay), deadline]);
    },
    async stop() {
      drop();
      await agent.destroy();
    },
  };
}

function start(deps: EventSenderDeps, state: State, post: EventPost): Promise<WebhookEnd> {
  const { dice, timers } = deps;
  const { delayMs } = deps.behaviour().webhook;
  const { reorderRate, reorderMs, duplicateRate, duplicateDelayMs } = deps.behaviour();
  const body = JSON.stringify(post.body);
  const late = dice.roll('reorder', reorderRate) ? dice.upTo('reorder-ms', reorderMs) : 0;
  const queue = (repeat: boolean, afterMs: number) => {
    const { promise, resolve } = Promise.withResolvers<WebhookEnd>();
    const fresh = { attempts: 0, lastStatus: null, lastError: null, startedAt: Date.now() };
    const job: Job = { post, body, ...fresh, repeat, end: resolve };
    state.jobs.add(job);
    if (afterMs > 0) timers.after(afterMs, () => run(deps, state, job));
    else run(deps, state, job);
    return promise;
  };
  if (dice.roll('duplicate', duplicateRate)) void queue(true, delayMs + late + duplicateDelayMs);
  return queue(false, delayMs + late);
}

function run(deps: EventSenderDeps, state: State, job: Job): void {
  if (!state.jobs.has(job)) return;
  if (deps.behaviour().webhook.paused) {
    state.held.push(job);
    return;
  }
  const attempt = tryOnce(deps, state, job);
  state.onTheWay.add(attempt);
  void attempt.then(() => {
    state.onTheWay.delete(attempt);
    if (state.jobs.has(job)) judge(deps, state, job);
  });
}

function judge(deps: EventSenderDeps, state: State, job: Job): void {
  const end = endOf(job);
  if (end !== null) {
    finish(deps, state, job, end);
    return;
  }
  const { retryFirstMs, retryFactor, retryMaxMs } = deps.behaviour().webhook;
  const pause = Math.min(retryMaxMs, retryFirstMs * retryFactor ** (job.attempts - 1));
  deps.timers.after(pause, () => run(deps, state, job));
}

/** Null to try again. Any 2xx is a success: these servers post with axios. */
function endOf({ post, lastStatus, attempts }: Job): LedgerWebhook['status'] | null {
  if (lastStatus !== null && lastStatus >= 200 && lastStatus < 300) return 'accepted';
  if (post.tries === 1 || (lastStatus !== null && post.finalStatuses.includes(lastStatus))) return 'refused';
  return attempts >= post.tries ? 'gave-up' : null;
}

async function tryOnce(deps: EventSenderDeps, state: State, job: Job): Promise<void> {
  const { timeoutMs } = deps.behaviour().webhook;
  const { url, headers } = job.post;
  job.attempts++;
  try {
    const response = await request(url, {
      dispatcher: state.agent,
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': 'axios/1.7.9', ...headers },
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

function finish({ ledger }: EventSenderDeps, state: State, job: Job, status: LedgerWebhook['status']): void {
  if (!state.jobs.delete(job)) return;
  const { attempts, lastStatus, lastError, post } = job;
  const end: WebhookEnd = { status, attempts, lastStatus, lastError };
  ledger.append('webhooks', {
    provider: post.provider,
    phoneNumberId: post.owner,
    keys: [post.key],
    bytes: job.body.length,
    ...end,
    repeat: job.repeat,
    tookMs: Date.now() - job.startedAt,
  });
  job.end(end);
}
