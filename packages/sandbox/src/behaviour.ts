import { z } from 'zod';

const rate = z.number().min(0).max(1);
const ms = z
  .number()
  .int()
  .min(0)
  .max(7 * 24 * 3600 * 1000);
const count = z.number().int().min(1).max(1_000_000);

const statuses = z.strictObject({
  enabled: z.boolean(),
  /** Milliseconds after the message was accepted. `null` leaves that status out. */
  sentMs: ms.nullable(),
  deliveredMs: ms.nullable(),
  readMs: ms.nullable(),
});

const limits = z.strictObject({
  /**
   * Messages a second of one number, beyond which 130429; 0 is without limit. Meta's default is 80.
   */
  perSecond: z.number().int().min(0),
  /** Free-form messages to someone who did not write in the last 24 hours fail with 131047. */
  enforceWindow: z.boolean(),
});

const templates = z.strictObject({
  review: z.enum(['approve', 'reject', 'none']),
  /** Milliseconds until the verdict; 0 gives it in the answer to the creation. */
  reviewMs: ms,
});

const webhook = z.strictObject({
  /** Items (messages, statuses) in one POST at most. */
  batchMax: count,
  /** How long the first item of a batch waits for others. */
  batchWindowMs: ms,
  /** Items in one `changes[]` element at most. */
  itemsPerChange: count,
  delayMs: ms,
  timeoutMs: ms,
  retryFirstMs: ms,
  retryFactor: z.number().min(1).max(10),
  retryMaxMs: ms,
  giveUpAfterMs: ms,
  /** POSTs under way at once, per number. */
  concurrency: count,
  /**
   * Writes non-ASCII characters as \uXXXX, as Meta is reported to do; the signature covers the
   * bytes sent either way.
   */
  escapeUnicode: z.boolean(),
  /** Holds every delivery back until set to false again. */
  paused: z.boolean(),
});

const ai = z.strictObject({
  delayMs: ms,
  /** Between two chunks of a stream. */
  chunkDelayMs: ms,
  errorRate: rate,
  errorStatus: z.number().int().min(400).max(599),
  /** Share of the calls that never get an answer. */
  timeoutRate: rate,
  malformedRate: rate,
  /** Accepted keys; empty accepts every key but `sk-invalid`. */
  keys: z.array(z.string().min(1)).max(100),
});

/** Evolution and WPPConnect: phones linked by a QR code. */
const web = z.strictObject({
  /** How long a QR code is good for, before the next one replaces it. */
  qrMs: ms,
  /** Codes that an Evolution instance shows before it gives up with `refused`. */
  qrLimit: count,
  /** Until the first code is there. */
  qrDelayMs: ms,
  /** How long `connect` waits for the first code before it answers `{"count": 0}`. */
  qrWaitMs: ms,
  /** WPPConnect closes a session that was not scanned by then. */
  autoCloseMs: ms,
  /** From the scan, or a lost connection, to the connected state. */
  connectMs: ms,
  /** Share of the sends that Evolution answers with 201 and no `key.id`. */
  noIdRate: rate,
  /** How Evolution names a status it has no word for: 2.3.7 `SERVER_ACK`, before it `DELETED`. */
  oddStatus: z.enum(['SERVER_ACK', 'DELETED']),
  /** Times Evolution posts an event; WPPConnect posts each once. */
  eventTries: count,
  /** Offset of Evolution's own clock: it labels local time `Z`. */
  utcOffsetMinutes: z.number().int().min(-840).max(840),
  /** WPPConnect tells `onselfmessage`; off there unless configured. */
  selfMessages: z.boolean(),
  /** Lists of kept messages are answered 500. */
  historyFails: z.boolean(),
});

/** `timeout`: no answer comes. `lostReply`: the mail is kept, but its sender gets no answer. */
const mail = z.strictObject({ fault: z.enum(['none', 'defer', 'refuse', 'timeout', 'lostReply']) });

const top = {
  seed: z.string().min(1).max(200),
  duplicateRate: rate,
  duplicateDelayMs: ms,
  reorderRate: rate,
  /** A reordered item waits up to this long. */
  reorderMs: ms,
  lostReplyRate: rate,
  /** Share of the sends whose connection is reset before the message is accepted. */
  resetRate: rate,
  errorRate: rate,
  errorCode: z.number().int(),
  sendDelayMs: ms,
  mediaUrlTtlMs: ms,
  /** Ids of uploads live so long. */
  mediaIdTtlMs: z
    .number()
    .int()
    .min(0)
    .max(30 * 24 * 3600_000),
};

export const behaviourSchema = z.strictObject({ ...top, statuses, limits, templates, webhook, web, ai, mail });
export const behaviourPatchSchema = z
  .strictObject({
    ...top,
    statuses: statuses.partial(),
    limits: limits.partial(),
    templates: templates.partial(),
    webhook: webhook.partial(),
    web: web.partial(),
    ai: ai.partial(),
    mail: mail.partial(),
  })
  .partial();

export type Behaviour = z.infer<typeof behaviourSchema>;
export type BehaviourPatch = z.input<typeof behaviourPatchSchema>;

/** The sandbox's default behaviour: everything works, quickly. */
export function defaultBehaviour(seed: string): Behaviour {
  return {
    seed,
    duplicateRate: 0,
    duplicateDelayMs: 20,
    reorderRate: 0,
    reorderMs: 200,
    lostReplyRate: 0,
    resetRate: 0,
    errorRate: 0,
    errorCode: 131000,
    sendDelayMs: 0,
    mediaUrlTtlMs: 5 * 60 * 1000,
    mediaIdTtlMs: 30 * 24 * 3600_000,
    statuses: { enabled: true, sentMs: 5, deliveredMs: 20, readMs: 60 },
    limits: { perSecond: 0, enforceWindow: false },
    templates: { review: 'approve', reviewMs: 0 },
    webhook: {
      batchMax: 1,
      batchWindowMs: 5,
      itemsPerChange: 100,
      delayMs: 0,
      timeoutMs: 10_000,
      retryFirstMs: 200,
      retryFactor: 2,
      retryMaxMs: 5_000,
      giveUpAfterMs: 7 * 24 * 3600 * 1000,
      concurrency: 64,
      escapeUnicode: false,
      paused: false,
    },
    web: {
      qrMs: 20_000,
      qrLimit: 30,
      qrDelayMs: 0,
      qrWaitMs: 2_000,
      autoCloseMs: 60_000,
      connectMs: 5,
      noIdRate: 0,
      oddStatus: 'SERVER_ACK',
      eventTries: 10,
      utcOffsetMinutes: -180,
      selfMessages: false,
      historyFails: false,
    },
    ai: {
      delayMs: 0,
      chunkDelayMs: 0,
      errorRate: 0,
      errorStatus: 500,
      timeoutRate: 0,
      malformedRate: 0,
      keys: [],
    },
    mail: { fault: 'none' },
  };
}

/** The behaviour with the named parts replaced; groups are merged, not replaced whole. */
export function mergeBehaviour(current: Behaviour, patch: BehaviourPatch): Behaviour {
  const { statuses: s, limits: l, templates: t, webhook: w, web: e, ai: a, mail: m, ...flat } = patch;
  return {
    ...current,
    ...flat,
    statuses: { ...current.statuses, ...s },
    limits: { ...current.limits, ...l },
    templates: { ...current.templates, ...t },
    webhook: { ...current.webhook, ...w },
    web: { ...current.web, ...e },
    ai: { ...current.ai, ...a },
    mail: { ...current.mail, ...m },
  };
}
