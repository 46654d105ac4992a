import { randomBytes } from 'node:crypto';
import { type Behaviour, type BehaviourPatch, defaultBehaviour, mergeBehaviour } from './behaviour.ts';
import { type BoundedMap, createBoundedMap } from './bounded-map.ts';
import { createFloods, type Floods } from './control/floods.ts';
import { createInstanceStore, type InstanceStore } from './evolution/instances.ts';
import { createGroupStore, type GroupStore } from './groups.ts';
import { createIds, type Ids } from './ids.ts';
import { type Ledger, openLedger } from './ledger/ledger.ts';
import { createMailbox, type Mailbox } from './mail/mailbox.ts';
import { createExampleUploads, type ExampleUploads } from './meta/example-uploads.ts';
import { createLimits, type Limits } from './meta/limits.ts';
import { createMediaStore, type MediaStore } from './meta/media.ts';
import { createNumberStore, type NumberStore } from './meta/numbers.ts';
import { createTemplateStore, type TemplateStore } from './meta/templates.ts';
import { createWebhookSender, type WebhookSender } from './meta/webhooks.ts';
import { createScript, type Script } from './openai/script.ts';
import { createDice, type Dice } from './random.ts';
import { createReceivers, type Receivers } from './receivers/receivers.ts';
import { createTimers, type Timers } from './timers.ts';
import { createEventSender, type EventSender } from './whatsapp-web/events.ts';
import { createHistory, type History } from './whatsapp-web/history.ts';
import type { WebMedia } from './whatsapp-web/media.ts';
import { createWaiters, type Waiters } from './whatsapp-web/waiters.ts';
import { createSessionStore, type SessionStore } from './wppconnect/sessions.ts';

export interface PartsOptions {
  ledgerFile?: string | undefined;
  ledgerRows?: number | undefined;
  seed?: string | undefined;
  maxPending?: number | undefined;
}

/** Everything a sandbox knows. One object, made at the start and passed to every part. */
export interface SandboxParts {
  ids: Ids;
  dice: Dice;
  /** What happens later: statuses, retries, floods. Dropped by a reset. */
  timers: Timers;
  /** Changes of QR codes. Like `timers`, but nothing waits for their end. */
  clocks: Timers;
  /** Delays of answers that callers wait for. A reset leaves them alone. */
  pauses: Timers;
  ledger: Ledger;
  numbers: NumberStore;
  media: MediaStore;
  templates: TemplateStore;
  exampleUploads: ExampleUploads;
  limits: Limits;
  webhooks: WebhookSender;
  /** Events of Evolution and WPPConnect. */
  events: EventSender;
  instances: InstanceStore;
  webSessions: SessionStore;
  qrWaiters: Waiters;
  /** Phones of hidden addresses (`…@lid`), as far as customers showed them. */
  lids: BoundedMap<string>;
  groups: GroupStore;
  /** What the servers of linked phones keep of messages, by `<provider>/<name>`. */
  history: History;
  /** Files that customers sent to linked phones, by `<instance or session>/<message id>`. */
  webMedia: BoundedMap<WebMedia>;
  /** Where others reach the sandbox; set when it listens. */
  address: { url: string };
  floods: Floods;
  script: Script;
  mails: Mailbox;
  /** Of Recado's own webhooks. */
  receivers: Receivers;
  /** Webhooks waiting beyond which nothing more is taken in. */
  maxPending: number;
  behaviour(): Behaviour;
  changeBehaviour(patch: BehaviourPatch): Behaviour;
  reset(options: { numbers: boolean; ledger: boolean }): Promise<void>;
  stop(): Promise<void>;
}

export async function createParts(options: PartsOptions): Promise<SandboxParts> {
  const seed = options.seed ?? randomBytes(8).toString('hex');
  const ledger = await openLedger({ file: options.ledgerFile, maxRows: options.ledgerRows });
  // With a seed runs repeat; with a ledger's file as well, a second run on it must not repeat the
  // first one's ids.
  const counts = ledger.counts();
  const ids = createIds(
    `${seed}/${Object.values(counts)
      .map((count) => count.lastSequence)
      .join('.')}`,
  );
  const dice = createDice(seed);
  const timers = createTimers();
  const clocks = createTimers();
  const pauses = createTimers();
  const limits = createLimits();
  const numbers = createNumberStore(ledger);
  const media = createMediaStore(ids, seed, () => behaviour.mediaIdTtlMs);
  const templates = createTemplateStore(ids);
  const exampleUploads = createExampleUploads(ids);
  for (const number of numbers.list()) templates.ensureHelloWorld(number.wabaId);
  let behaviour = defaultBehaviour(seed);
  const webhooks = createWebhookSender({ numbers, behaviour: () => behaviour, dice, timers, ledger });
  const events = createEventSender({ behaviour: () => behaviour, dice, timers, ledger });
  const instances = createInstanceStore(ledger);
  const webSessions = createSessionStore(ledger);
  const qrWaiters = createWaiters();
  const lids = createBoundedMap<string>(10_000);
  const groups = createGroupStore();
  const history = createHistory();
  const webMedia = createBoundedMap<WebMedia>(1000);
  const script = createScript();
  const floods = createFloods();
  const mails = createMailbox();
  const receivers = createReceivers();

  const parts: SandboxParts = {
    ids,
    dice,
    timers,
    clocks,
    pauses,
    ledger,
    numbers,
    media,
    templates,
    exampleUploads,
    limits,
    webhooks,
    events,
    instances,
    webSessions,
    qrWaiters,
    lids,
    groups,
    history,
    webMedia,
    address: { url: '' },
    floods,
    script,
    mails,
    receivers,
    maxPending: options.maxPending ?? 500_000,
    behaviour: () => behaviour,
    changeBehaviour(patch) {
      behaviour = mergeBehaviour(behaviour, patch);
      if (patch.seed !== undefined) dice.reseed(patch.seed);
      webhooks.wake();
      events.wake();
      return behaviour;
    },
    async reset({ numbers: forgetNumbers, ledger: clearLedger }) {
      floods.stopAll();
      timers.clear();
      clocks.clear();
      await Promise.all([webhooks.reset(), events.reset()]);
      behaviour = defaultBehaviour(seed);
      dice.reseed(seed);
      limits.clear();
      media.clear();
      templates.clear();
      exampleUploads.clear();
      script.clear();
      mails.clear();
      receivers.clear();
      webMedia.clear();
      qrWaiters.clear();
      lids.clear();
      groups.clear();
      history.clear();
      if (forgetNumbers) {
        numbers.clear();
        instances.clear();
        webSessions.clear();
      }
      for (const number of numbers.list()) templates.ensureHelloWorld(number.wabaId);
      if (clearLedger) ledger.clear();
    },
    async stop() {
      floods.stopAll();
      timers.clear();
      clocks.clear();
      pauses.clear();
      await Promise.all([webhooks.stop(), events.stop()]);
      ledger.close();
    },
  };
  return parts;
}
