export const ledgerKinds = ['messages', 'receipts', 'inbound', 'webhooks', 'ai'] as const;
export type LedgerKind = (typeof ledgerKinds)[number];

/** Servers that link a phone by QR code. */
export const webProviders = ['evolution', 'wppconnect'] as const;
export type WebProvider = (typeof webProviders)[number];

interface Row {
  /** Counts up by one within its kind, also across restarts with a ledger file. */
  sequence: number;
  /** When it was written down, ISO 8601. */
  at: string;
}

/** A message that went out. Nothing refused is in here, except what `reply` calls `refused`. */
export interface LedgerMessage extends Row {
  provider: 'meta' | WebProvider;
  /** The provider's id of the message. */
  wamid: string;
  /** The number's id, or the name of the instance or session. */
  phoneNumberId: string;
  to: string;
  type: string;
  /**
   * What a person would read: the text, caption, template's name, button text; null where there is
   * none.
   */
  text: string | null;
  /** The object named by `type`, as it was sent. */
  body: unknown;
  bizOpaqueCallbackData: string | null;
  /** The message answered to. */
  contextMessageId: string | null;
  /**
   * How the sender was answered. `lost` and `silent`: it cannot know. `no-id`: accepted without an
   * id. `refused`: answered 400, sent all the same.
   */
  reply: 'ok' | 'lost' | 'silent' | 'malformed' | 'no-id' | 'refused';
}

/** A read receipt or typing indicator accepted. */
export interface LedgerReceipt extends Row {
  provider: 'meta' | WebProvider;
  phoneNumberId: string;
  messageId: string;
  typing: boolean;
}

/** A message a simulated customer wrote. */
export interface LedgerInbound extends Row {
  provider: 'meta' | WebProvider;
  id: string;
  phoneNumberId: string;
  from: string | null;
  type: string;
  text: string | null;
}

/** A webhook POST that came to its end. */
export interface LedgerWebhook extends Row {
  provider: 'meta' | WebProvider;
  phoneNumberId: string;
  /** Ids of messages, `<wamid>:<status>` of statuses, names of other fields. */
  keys: string[];
  bytes: number;
  attempts: number;
  /**
   * `refused`: sent once (retry off) and not answered 200. `abandoned`: stopped or reset before.
   */
  status: 'accepted' | 'refused' | 'gave-up' | 'abandoned' | 'no-webhook';
  lastStatus: number | null;
  lastError: string | null;
  /** A repeat made on purpose of a POST that is also here. */
  repeat: boolean;
  /** From the first try's being due to the end. */
  tookMs: number;
}

/** A call of the model. */
export interface LedgerAi extends Row {
  endpoint: 'chat.completions' | 'embeddings';
  id: string | null;
  model: string;
  stream: boolean;
  /** The conversation sent, cut at 32,000 characters of JSON. */
  messages: unknown;
  tools: string[];
  reply: string | null;
  toolCalls: { name: string; arguments: string }[];
  /** `aborted`: the caller went away before the end. */
  outcome: 'ok' | 'error' | 'timeout' | 'malformed' | 'reset' | 'aborted';
  status: number | null;
  promptTokens: number;
  completionTokens: number;
}

export interface LedgerRows {
  messages: LedgerMessage;
  receipts: LedgerReceipt;
  inbound: LedgerInbound;
  webhooks: LedgerWebhook;
  ai: LedgerAi;
}

/** What went to one recipient, and how often. */
export interface LedgerSend {
  provider: LedgerMessage['provider'];
  phoneNumberId: string;
  to: string;
  type: string;
  text: string | null;
  bizOpaqueCallbackData: string | null;
  times: number;
  wamids: string[];
}

export interface LedgerPage<T> {
  items: T[];
  /** Pass as `since` to go on. */
  next: number;
  hasMore: boolean;
}
