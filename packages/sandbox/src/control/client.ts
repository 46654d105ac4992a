import { Agent, request } from 'undici';
import type { Behaviour, BehaviourPatch } from '../behaviour.ts';
import type { LedgerKind, LedgerPage, LedgerRows, LedgerSend, WebProvider } from '../ledger/rows.ts';
import type { CaughtMail } from '../mail/mailbox.ts';
import type { Media } from '../meta/media.ts';
import type { SentCode } from '../meta/numbers.ts';
import type { WebhookEnd } from '../meta/webhooks.ts';
import type { ReceivedWebhook } from '../receivers/receivers.ts';
import type { FloodState } from './floods.ts';
import type { GroupInput } from './group-routes.ts';
import type { NumberAnswer, SandboxState } from './routes.ts';
import type {
  CustomerBatch,
  CustomerSays,
  FloodInput,
  LedgerFilter,
  NumberInput,
  RawWebhook,
  ReceiverPlanInput,
  ResetInput,
  ScriptInput,
  TemplateEventInput,
} from './schemas.ts';
import type { DisconnectInput, ScanInput, SessionEvent, SessionMessage, SessionView } from './session-schemas.ts';

/** One instance of Evolution or session of WPPConnect. */
export interface SessionControl {
  view(): Promise<SessionView>;
  /** A person scans the QR code with a phone. */
  scan(input?: ScanInput): Promise<SessionView>;
  disconnect(input?: DisconnectInput): Promise<SessionView>;
  /** A customer writes, or with `fromMe` the phone's owner. */
  says(message: SessionMessage): Promise<{ id: string; deliveries: WebhookEnd[] | null }>;
  tell(event: SessionEvent): Promise<{ delivery: WebhookEnd | null }>;
}

/**
 * Steers a sandbox, in this process or another. Every call throws an Error with the sandbox's own
 * words when refused.
 */
export interface SandboxControl {
  /**
   * Registers a business number, or changes it. With `verify: true` the webhook is asked to echo a
   * challenge first.
   */
  addNumber(number: NumberInput): Promise<NumberAnswer>;
  removeNumber(phoneNumberId: string): Promise<void>;
  /** The code that Meta sent last to the number's phone. */
  sentCode(phoneNumberId: string): Promise<SentCode>;
  /**
   * A customer writes. With `wait: true` it comes back when the webhook was accepted, with how that
   * went.
   */
  customerSays(message: CustomerSays): Promise<{ id: string; delivery: WebhookEnd | null }>;
  /** Many messages, statuses and other fields in one POST. */
  customerBatch(batch: CustomerBatch): Promise<{ ids: string[]; deliveries: WebhookEnd[] | null }>;
  /** Any body, signed (or not) with the number's secret. */
  postWebhook(webhook: RawWebhook): Promise<{ delivery: WebhookEnd | null }>;
  /** Something happens to a template at Meta; its webhooks tell so. */
  templateEvent(event: TemplateEventInput): Promise<{ id: string }>;
  /** A group as it is now; what changed is told by the provider's events. */
  setGroup(group: GroupInput): Promise<void>;
  /** Merges into the behaviour in force and returns it whole. */
  setBehaviour(patch: BehaviourPatch): Promise<Behaviour>;
  /** The mails it was sent, oldest first; of one recipient when `to` is given. */
  mails(to?: string): Promise<CaughtMail[]>;
  clearMails(): Promise<void>;
  /** The files that Meta has, the oldest first. */
  media(): Promise<(Omit<Media, 'data'> & { size: number })[]>;
  /** How `/receivers/<name>` answers Recado's own webhooks from now on; 204 unless told. */
  planReceiver(name: string, plan: ReceiverPlanInput): Promise<void>;
  /** What came to a receiver, oldest first. */
  received(name: string): Promise<ReceivedWebhook[]>;
  /** Queues an answer of the model. */
  scriptAi(entry: ScriptInput): Promise<void>;
  clearAiScript(): Promise<void>;
  flood(input: FloodInput): Promise<FloodState>;
  floodState(id: string): Promise<FloodState>;
  stopFlood(id: string): Promise<void>;
  /** Waits until a flood has sent its last message. */
  floodDone(id: string): Promise<FloodState>;
  /** One page of a ledger; go on with `since: page.next` while `hasMore`. */
  ledger<K extends LedgerKind>(kind: K, filter?: LedgerFilter): Promise<LedgerPage<LedgerRows[K]>>;
  /** All rows of a ledger, page after page. */
  ledgerAll<K extends LedgerKind>(kind: K, filter?: Omit<LedgerFilter, 'limit'>): Promise<LedgerRows[K][]>;
  session(provider: WebProvider, name: string): SessionControl;
  sessions(): Promise<SessionView[]>;
  /** What went out, each thing once with how often. */
  ledgerSends(filter?: Omit<LedgerFilter, 'limit' | 'since'>): Promise<LedgerSend[]>;
  /** All messages that were accepted. */
  ledgerMessages(filter?: Omit<LedgerFilter, 'limit'>): Promise<LedgerRows['messages'][]>;
  clearLedger(): Promise<void>;
  state(): Promise<SandboxState>;
  /** Waits until no webhook, status or flood is under way. Throws after `timeoutMs`. */
  idle(options?: { timeoutMs?: number }): Promise<void>;
  reset(options?: ResetInput): Promise<void>;
  close(): Promise<void>;
}

const POLL_MS = 10;

/**
 * Takes the sandbox's address, e.g. `http://127.0.0.1:3190`, and its control token if it has one.
 */
export function createSandboxControl(url: string, token?: string): SandboxControl {
  // No deadline on headers: with `wait: true` an answer takes as long as the webhook's receiver
  // does.
  const agent = new Agent({ connections: 32, headersTimeout: 0, bodyTimeout: 0 });
  const base = `${url.replace(/\/+$/, '')}/_control`;

  async function call<T>(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<T> {
    const response = await request(`${base}${path}`, {
      dispatcher: agent,
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.body.text();
    if (response.statusCode >= 400)
      throw new Error(`Sandbox refused ${method} ${path}: ${response.statusCode} ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }
  const query = (filter: LedgerFilter): string => {
    const entries = Object.entries(filter).filter(([, value]) => value !== undefined);
    return new URLSearchParams(entries.map(([name, value]): [string, string] => [name, String(value)])).toString();
  };
  const pause = () => new Promise<void>((resolve) => setTimeout(resolve, POLL_MS));
  const part = encodeURIComponent;

  const control: SandboxControl = {
    addNumber: (number) => call('POST', '/numbers', number),
    sentCode: (id) => call('GET', `/numbers/${part(id)}/code`),
    removeNumber: (id) => call('DELETE', `/numbers/${part(id)}`),
    customerSays: (message) => call('POST', '/customer-messages', message),
    customerBatch: (batch) => call('POST', '/customer-batches', batch),
    postWebhook: (webhook) => call('POST', '/webhooks', webhook),
    templateEvent: (event) => call('POST', '/template-events', event),
    setGroup: (group) => call('POST', '/groups', group),
    setBehaviour: (patch) => call('PUT', '/behaviour', patch),
    mails: async (to) => (await call<{ items: CaughtMail[] }>('GET', to ? `/mails?to=${part(to)}` : '/mails')).items,
    clearMails: () => call('DELETE', '/mails'),
    planReceiver: (name, plan) => call('PUT', `/receivers/${part(name)}`, plan),
    received: async (name) => (await call<{ items: ReceivedWebhook[] }>('GET', `/receivers/${part(name)}`)).items,
    scriptAi: (entry) => call('POST', '/ai/script', entry),
    clearAiScript: () => call('DELETE', '/ai/script'),
    flood: (input) => call('POST', '/flood', input),
    floodState: (id) => call('GET', `/flood/${part(id)}`),
    stopFlood: (id) => call('DELETE', `/flood/${part(id)}`),
    async floodDone(id) {
      for (;;) {
        const state = await control.floodState(id);
        if (state.done) return state;
        await pause();
      }
    },
    ledger: (kind, filter = {}) => call('GET', `/ledger/${kind}?${query(filter)}`),
    async ledgerAll<K extends LedgerKind>(kind: K, filter: Omit<LedgerFilter, 'limit'> = {}) {
      const rows: LedgerRows[K][] = [];
      let since = Number(filter.since ?? 0);
      for (;;) {
        const page = await control.ledger(kind, { ...filter, since, limit: 10_000 });
        for (const row of page.items) rows.push(row);
        if (!page.hasMore) return rows;
        since = page.next;
      }
    },
    ledgerMessages: (filter = {}) => control.ledgerAll('messages', filter),
    session(provider, name) {
      const path = `/sessions/${provider}/${part(name)}`;
      return {
        view: () => call('GET', path),
        scan: (input = {}) => call('POST', `${path}/scan`, input),
        disconnect: (input = {}) => call('POST', `${path}/disconnect`, input),
        says: (message) => call('POST', `${path}/customer-messages`, message),
        tell: (event) => call('POST', `${path}/events`, event),
      };
    },
    media: async () => (await call<{ items: (Omit<Media, 'data'> & { size: number })[] }>('GET', '/media')).items,
    sessions: async () => (await call<{ items: SessionView[] }>('GET', '/sessions')).items,
    ledgerSends: async (filter = {}) =>
      (await call<{ items: LedgerSend[] }>('GET', `/ledger/sends?${query(filter)}`)).items,
    clearLedger: () => call('DELETE', '/ledger'),
    state: () => call('GET', '/state'),
    async idle({ timeoutMs = 30_000 } = {}) {
      const deadline = Date.now() + timeoutMs;
      for (;;) {
        const { webhooks, timers } = await control.state();
        if (webhooks.pending === 0 && timers === 0) return;
        if (Date.now() > deadline) {
          throw new Error(
            `The sandbox is still busy: ${webhooks.pending} webhooks, ${timers} timers; ${JSON.stringify(webhooks.failing.slice(0, 3))}`,
          );
        }
        await pause();
      }
    },
    reset: (options = {}) => call('POST', '/reset', options),
    close: () => agent.destroy(),
  };
  return control;
}
