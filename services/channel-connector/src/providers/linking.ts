import { CHANNEL_REASONS } from '@recado/contracts';
import type { Credentials, Finding, ProviderNumber } from './number.ts';

/** What a person links a phone with, within `lifeMs`: an image to scan, or letters to type. */
export interface LinkCode {
  /** A PNG as a data URL. */
  qr: string | null;
  pairingCode: string | null;
  lifeMs: number;
}

/** What the provider knows of the phone itself. */
export interface LinkedPhone {
  /** E.164; null when the provider does not say. */
  phone: string | null;
  name: string | null;
  pictureUrl: string | null;
}

/** The link between a phone and the provider's server. Reasons are for people. */
export type LinkState =
  | { kind: 'linked'; phone: LinkedPhone }
  | { kind: 'code'; code: LinkCode }
  /** Under way, without a code so far. `keepsCode`: the last one that was told still holds. */
  | { kind: 'pending'; keepsCode?: boolean }
  /** No phone, and nothing under way. `resumable`: `begin` may bring a linked phone back. */
  | { kind: 'closed'; reason: string; resumable?: boolean }
  | { kind: 'refused'; reason: string }
  /** The server could not be asked, which says nothing of the phone. */
  | { kind: 'unreachable'; reason: string };

export interface BeginOptions {
  /** Where the server is to post its events. */
  webhookUrl: string;
  /** E.164: wanted for a code to type instead of one to scan. */
  pairWith: string | null;
}

export interface Begun {
  state: LinkState;
  /** To be kept instead of the former ones. */
  secrets?: object;
}

/** How a provider links phones to its server. No call rejects. */
export interface Linking<Account = unknown> {
  /** What is kept of a number on the installation's own server; null when there is none. */
  host(name: string): Credentials | null;
  /** The path of its webhooks at the gateway, with the secret that proves them. */
  webhookPath(channelId: string, account: Account): string;
  /** Makes what the server lacks, registers the webhook and begins to link. */
  begin(number: ProviderNumber<Account>, options: BeginOptions): Promise<Begun>;
  /** Changes nothing at the server. */
  state(number: ProviderNumber<Account>): Promise<LinkState>;
  /** Ends an attempt. A linked phone stays linked. */
  stop(number: ProviderNumber<Account>): Promise<Ended>;
  /** Logs the phone out. */
  unlink(number: ProviderNumber<Account>): Promise<Ended>;
  /** Deletes what `begin` made at the server. */
  remove(number: ProviderNumber<Account>): Promise<Ended>;
}

/** Null when nothing is left to do, else why it must be tried again. */
export type Ended = string | null;

/** Whether the account may use its number, for those that do not look at codes. */
export function findingOf(state: LinkState): Finding {
  switch (state.kind) {
    case 'linked':
      return { status: 'connected', reason: null };
    case 'unreachable':
      return { status: 'error', reason: state.reason, unreachable: true };
    case 'closed':
    case 'refused':
      return { status: 'error', reason: state.reason };
    default:
      return { status: 'error', reason: CHANNEL_REASONS.scan };
  }
}
