import { channelReason, OUTBOUND_KINDS } from '@recado/contracts';
import { answers } from '@recado/service-kit';
import type { Dispatcher } from 'undici';
import { readableError } from '../errors.ts';
import type { Finding, Outcome, Provider } from '../provider.ts';
import { type MetaAccount, metaCredentials, notesOf, openAccount } from './account.ts';
import { META_ERRORS } from './errors.ts';
import { createGraphClient } from './graph-client.ts';
import { fetchMetaMedia } from './media.ts';
import { readMessagingLimit } from './messaging-limit.ts';
import { sendRead } from './receipts.ts';
import { bodyOf, META_LIMITS } from './send-body.ts';
import { UNIDENTIFIED } from './sender.ts';
import { signingKey } from './signature.ts';
import { finishSignup } from './signup.ts';
import type { CheckedNumber } from './standing.ts';
import { createMetaTemplates } from './templates.ts';
import { createMetaUploads, META_FILES } from './uploads.ts';
import { createMetaCodes } from './verification.ts';
import { findAccounts, findNumbers, isSigned, readWebhook, verifyWebhook } from './webhooks.ts';

export interface MetaOptions {
  /** https://graph.facebook.com, or the sandbox. */
  graphUrl: string;
  /** With its secret it finishes sign-ups; uploads of examples name it. */
  appId: string | undefined;
  /** Signs the webhooks of channels without a secret of their own. */
  appSecret: string | undefined;
  /** For a webhook of the whole app, whose path names no channel. */
  verifyToken: string | undefined;
  dispatcher: Dispatcher;
  /** Milliseconds a send may take. */
  sendTimeoutMs: number;
}

type Kept = ReturnType<typeof notesOf>;

/** Source: Meta's page on group messaging. */
const GROUP_KINDS = ['text', 'image', 'video', 'audio', 'document', 'sticker', 'template'];

/** Meta's WhatsApp Cloud API. */
export function createMetaProvider(options: MetaOptions): Provider<MetaAccount> {
  const { graphUrl, appSecret, verifyToken, dispatcher, sendTimeoutMs } = options;
  const graph = createGraphClient({ baseUrl: graphUrl, dispatcher, sendTimeoutMs });
  const installationKey = appSecret ? signingKey(appSecret) : null;
  return {
    name: 'meta',
    // Meta's default for a number is 80 messages a second, both directions together.
    capabilities: {
      replyWindowHours: 24,
      kinds: [...OUTBOUND_KINDS],
      groupKinds: GROUP_KINDS,
      groupReceipts: false,
      limits: META_LIMITS,
      files: META_FILES,
      messagesPerSecond: 80,
      // Source: Meta's page on pair rate limits.
      recipientPace: { burst: 45, everyMs: 6000 },
    },
    errors: META_ERRORS,
    openingsPerDay: readMessagingLimit,
    credentials: metaCredentials,
    given: (phoneNumberId, { registrationPin: _, ...secrets }: Kept) => ({ phoneNumberId, ...secrets }),
    enrol: async (given) =>
      'signupCode' in given.secrets && given.secrets.signupCode !== undefined
        ? finishSignup(options, given)
        : { kind: 'ok', secrets: given.secrets },
    codes: createMetaCodes(options),
    notes: notesOf,
    open: (secrets) => openAccount(secrets, installationKey),
    handshake: { tokenOf: (account) => account.verifyToken, installationToken: verifyToken ?? null },
    send: ({ providerId, account }, { messageId, recipient, content, about, files }) =>
      graph.send({
        phoneNumberId: providerId,
        accessToken: account.accessToken,
        // The exact wa_id: rewriting numbers (Brazil's ninth digit) loses landlines.
        to: recipient.group ?? recipient.waId ?? recipient.phone?.replace('+', '') ?? null,
        toGroup: recipient.group !== undefined,
        // A sender whom Meta did not name cannot be answered.
        recipient: recipient.userId?.startsWith(UNIDENTIFIED) ? null : recipient.userId,
        body: bodyOf(content, about, files),
        callbackData: messageId,
      }),
    uploads: createMetaUploads(options),
    fetchMedia: ({ providerId, account }, media) =>
      fetchMetaMedia(
        { graphUrl: graph.url, dispatcher },
        { phoneNumberId: providerId, accessToken: account.accessToken },
        media,
      ),
    lookUpGroup: ({ account }, groupId) => graph.lookUpGroup(groupId, account.accessToken),
    showTyping: ({ providerId, account }, { providerMessageId }) =>
      sendRead(options, {
        phoneNumberId: providerId,
        accessToken: account.accessToken,
        messageId: providerMessageId,
        typing: true,
      }),
    markRead: ({ providerId, account }, { providerMessageId }) =>
      sendRead(options, {
        phoneNumberId: providerId,
        accessToken: account.accessToken,
        messageId: providerMessageId,
      }),
    async check({ providerId, account }) {
      return toFinding(await graph.checkNumber(providerId, account.accessToken));
    },
    reach: answers(graphUrl),
    templates: createMetaTemplates(options),
    isSigned,
    findNumbers,
    findAccounts,
    verifyWebhook,
    readWebhook,
  };
}

const GRAPH = { api: 'Graph' };

function toFinding(outcome: Outcome<CheckedNumber>): Finding {
  const error = (reason: string) => ({ status: 'error' as const, reason });
  switch (outcome.kind) {
    case 'ok': {
      const { facts, fault } = outcome.value;
      return fault === null ? { status: 'connected', reason: null, facts } : { ...error(fault), accepted: true, facts };
    }
    case 'refused':
      return error(readableError(META_ERRORS, outcome.refusal.code, outcome.refusal.said).message);
    case 'denied':
      return error(channelReason('api_status', { ...GRAPH, status: outcome.httpStatus }));
    default:
      return { ...error(channelReason('api_away', GRAPH, outcome.reason)), unreachable: true };
  }
}
