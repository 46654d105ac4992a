import type {
  AboutMessage,
  Capabilities,
  EventData,
  messageReceived,
  messageStatus,
  OutboundContent,
  RecipientAddress,
} from '@recado/contracts';
import type { z } from 'zod';
import type { CodeProof } from './code-proof.ts';
import type { ErrorTable } from './errors.ts';
import type { LinkCode, Linking } from './linking.ts';
import type { FetchedMedia, WantedMedia } from './media.ts';
import type { ChannelReport, GroupFacts, MoreNews } from './news.ts';
import type { Credentials, Enrolled, Finding, ProviderNumber } from './number.ts';
import type { OutboundFile, OutboundFiles } from './outbound-file.ts';
import type { Outcome, Refusal } from './outcome.ts';
import type { ProviderTemplates, TemplateChange } from './templates.ts';

export type { Credentials, Finding, NumberFacts, ProviderNumber } from './number.ts';
export type { Outcome, Refusal } from './outcome.ts';

export interface OutboundMessage {
  /** Ours. The provider echoes it in its statuses where it can. */
  messageId: string;
  recipient: RecipientAddress;
  content: OutboundContent;
  /** The message that `content` quotes or reacts to. */
  about: AboutMessage | null;
  /** Those of ours that `content` names. */
  files: OutboundFiles;
}

/** Of providers that keep files: each is brought there once, and messages name its id there. */
export interface FileUploads<Account = unknown> {
  /** Milliseconds that an id is good for. */
  keepMs: number;
  /** Brings a file there; the value is the provider's id of it. */
  upload(number: ProviderNumber<Account>, file: OutboundFile): Promise<Outcome<string>>;
  /** Removes one; one that is gone counts as removed. */
  remove(number: ProviderNumber<Account>, providerFileId: string): Promise<Outcome<true>>;
  /** Whether a send was refused because an id is good no more. */
  isGone(refusal: Refusal): boolean;
}

/** A customer's message that a person read, with all before it. */
export interface ReadMessage {
  providerMessageId: string;
  /** Those before it, for providers that tick each by itself; the latest first. */
  earlier?: readonly string[];
  /** Who wrote it. */
  recipient: OutboundMessage['recipient'];
}

/** Milliseconds a receipt or the sign of writing may take. */
export const RECEIPT_TIMEOUT_MS = 10_000;

/** A webhook as it arrived. */
export interface Webhook {
  /** By lower-case name: those that the gateway hands on. */
  headers: Readonly<Record<string, string>>;
  body: Uint8Array;
}

type Received = EventData<typeof messageReceived>;
type Status = EventData<typeof messageStatus>;

/** An inbound message as the provider sent it. */
export type InboundMessage = Omit<Received, 'channelId' | 'provider' | 'receivedAt'>;
/** A tick as the provider sent it. */
export type InboundStatus = Omit<Status, 'channelId' | 'source'>;

/** The content of a webhook for one number. */
export interface NumberNews extends MoreNews {
  providerId: string;
  messages: InboundMessage[];
  statuses: InboundStatus[];
  /** The connection of the number changed: `check` says how. */
  connectionChanged?: boolean;
  /** A new code to link a phone with. */
  code?: LinkCode;
  /** The provider's own id of the account that has the number, where the webhook names it. */
  accountId?: string;
}

/** What a webhook tells of an account, which may have several numbers. */
export interface AccountNews {
  /** The provider's own id of the account. */
  accountId: string;
  templates: TemplateChange[];
}

export interface WebhookContent {
  news: NumberNews[];
  accounts?: AccountNews[];
  /** Reports on whole accounts, or on numbers that they name by their phones. */
  reports?: { accountId: string | null; phone: string | null; report: ChannelReport }[];
  /** Left out on purpose, by name: kinds that we have no use for. */
  ignored: string[];
}

/** The messages that are read again. */
export interface HistorySpan {
  since: Date;
  now: Date;
}

/** The GET by which a provider asks whether a webhook's address is ours. */
export interface Handshake<Account = unknown> {
  /** What it must show for a channel's own address. */
  tokenOf(account: Account): string;
  /** What it may show for an address that names no channel. */
  installationToken: string | null;
}

/** A driver: all that Recado knows of one provider's protocol. `open` and `reach` alone throw. */
export interface Provider<Account = unknown> {
  /** As in the contracts' PROVIDERS. */
  name: string;
  capabilities: Capabilities & {
    /** Kinds of messages that `send` takes. */
    kinds: readonly string[];
    /** False: the provider takes no receipts and signs of typing in groups. */
    groupReceipts?: false;
    /** The pace of a number that has none of its own. */
    messagesPerSecond: number;
    /** The provider's pace towards one customer; without it there is none. */
    recipientPace?: {
      /** Messages that may go at once. */
      burst: number;
      /** Milliseconds of quiet that earn another one. */
      everyMs: number;
    };
  };
  errors: ErrorTable;
  /**
   * Customers whom an account with this messaging limit may write to first in 24 hours; null when
   * there is no limit. Only of providers that have such limits.
   */
  openingsPerDay?(messagingLimit: string): number | null;
  /** Reads what a tenant gives to connect a number; fields have the driver's own names. */
  credentials: z.ZodType<Credentials>;
  /**
   * What a tenant gave, from what is kept: so that one field can be given anew. Without it, what is
   * kept has the names of `credentials`.
   */
  given?(providerId: string, secrets: object): object;
  /** Of what is kept, the driver's own notes: they outlast what a tenant gives anew. */
  notes?(secrets: object): object;
  /** Finishes a sign-up at the provider: what a person brought becomes secrets to keep. */
  enrol?(given: Credentials): Promise<Enrolled>;
  /** Proves a number by a code sent to its phone. Without it the provider has no such codes. */
  codes?: CodeProof<Account>;
  /** Opens `secrets` as they were kept. @throws when they are not the driver's */
  open(secrets: unknown): Account;
  handshake: Handshake<Account> | null;
  /** Of providers whose numbers are phones that a person links; others have a token. */
  linking?: Linking<Account>;

  /** Sends a message; the value is the provider's id of it. */
  send(number: ProviderNumber<Account>, message: OutboundMessage): Promise<Outcome<string>>;
  /** Without it the bytes of a file go with each message. */
  uploads?: FileUploads<Account>;
  /** Begins to fetch the file of a received message. Without it media stays with the provider. */
  fetchMedia?(number: ProviderNumber<Account>, media: WantedMedia): Promise<FetchedMedia>;
  /** Asks for a group's name and who takes part. Without it the provider tells of none. */
  lookUpGroup?(number: ProviderNumber<Account>, groupId: string): Promise<Outcome<GroupFacts>>;
  /**
   * What its server keeps of messages since a moment, page by page; it ends after the first page
   * that is no answer. Without it the provider keeps none that can be asked for.
   */
  readHistory?(number: ProviderNumber<Account>, span: HistorySpan): AsyncIterable<Outcome<WebhookContent>>;
  /** Shows the customer that a message was read. Without it the provider has no receipts. */
  markRead?(number: ProviderNumber<Account>, message: ReadMessage): Promise<Outcome<true>>;
  /** Shows the customer, who last wrote `message`, that an agent is typing. It ends by itself. */
  showTyping?(number: ProviderNumber<Account>, message: ReadMessage): Promise<Outcome<true>>;
  /** Asks the provider whether these credentials may use this number. */
  check(number: ProviderNumber<Account>): Promise<Finding>;
  /**
   * Asks whether the provider answers at all; rejects when it does not. Without it there is no
   * server that serves all numbers.
   */
  reach?(): Promise<unknown>;

  /** Its servers send a webhook once, or a few times: what cannot be stored must be kept. */
  sendsOnce?: true;
  /** Whether a webhook carries anything that may prove it; without it nothing is looked up. */
  isSigned(webhook: Webhook): boolean;
  /** Message templates; null where the provider has none. */
  templates?: ProviderTemplates<Account> | null;

  /** Ids of the numbers in an unproved webhook whose path names none; null when it is malformed. */
  findNumbers(webhook: Webhook): string[] | null;
  /** The same for its accounts: asked when it names no number. */
  findAccounts?(webhook: Webhook): string[];
  /** Whether each account's secret proves exactly this webhook. */
  verifyWebhook(webhook: Webhook, accounts: readonly Account[]): boolean[];
  /**
   * All that a proved webhook tells; null when it cannot be read.
   * @param now for times that are missing or absurd
   * @param addressed the number that the path names, for payloads that do not name theirs fully
   */
  readWebhook(webhook: Webhook, now: Date, addressed: string | null): WebhookContent | null;
}
