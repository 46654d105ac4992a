import { OUTBOUND_KINDS } from '@recado/contracts';
import { answers } from '@recado/service-kit';
import { withoutLinks } from '../host-media.ts';
import { findingOf } from '../linking.ts';
import { dispatcherFor, type OwnServerOptions, withSecret } from '../own-server.ts';
import type { Provider } from '../provider.ts';
import { hasUrlSecret, matchUrlSecrets } from '../url-secret.ts';
import { notSendable, SENT_AS_TEXT, webFiles } from '../web-fallback.ts';
import {
  givenOf,
  hostAccount,
  notesOf,
  openAccount,
  type WppconnectAccount,
  wppconnectCredentials,
} from './account.ts';
import { send } from './client.ts';
import { beginLink, linkState, stopSession, unlink } from './connection.ts';
import { WPPCONNECT_ERRORS } from './errors.ts';
import { lookUpGroup } from './groups.ts';
import { readHistory } from './history.ts';
import { fetchWppconnectMedia } from './media.ts';
import { sendSeen, sendTyping } from './receipts.ts';
import { sendCall } from './send.ts';
import { readWebhook } from './webhooks.ts';

/** Its stickers must lie on its own disk, and templates are Meta's alone. */
const KINDS = OUTBOUND_KINDS.filter((kind) => kind !== 'template' && kind !== 'sticker');

/** It takes bodies of 50 MB: this as base64, and the rest of the message. */
const MAX_FILE = 36 * 1024 * 1024;

/** WPPConnect: a phone linked to a browser on a server of the tenant or of the installation. */
export function createWppconnectProvider(options: OwnServerOptions): Provider<WppconnectAccount> {
  const { allowPrivate, host } = options;
  return {
    name: 'wppconnect',
    // WhatsApp bans phones that send like a machine.
    capabilities: {
      replyWindowHours: null,
      kinds: KINDS,
      asText: [...SENT_AS_TEXT],
      files: { ...webFiles(MAX_FILE), voice: [{ types: ['audio/ogg'], maxBytes: 16 * 1024 * 1024 }] },
      messagesPerSecond: 1,
    },
    errors: WPPCONNECT_ERRORS,
    credentials: wppconnectCredentials(allowPrivate),
    given: (_providerId, secrets) => givenOf(secrets),
    notes: notesOf,
    open: (secrets) => openAccount(secrets, host),
    handshake: null,
    linking: {
      host: (name) => host && hostAccount(name, host),
      webhookPath: (channelId, { webhookSecret }) =>
        withSecret(`/v1/webhooks/whatsapp/wppconnect/${channelId}`, webhookSecret),
      begin: ({ account }, how) => beginLink(options, account, how),
      state: ({ account }) => linkState(options, account),
      stop: ({ account }) => stopSession(options, account),
      unlink: ({ account }) => unlink(options, account),
      remove: ({ account }) => unlink(options, account),
    },
    async send({ account }, given) {
      const ready = account.server.host ? await withoutLinks(options.dispatcher, given, MAX_FILE) : { message: given };
      if ('outcome' in ready) return ready.outcome;
      const { message } = ready;
      const call = sendCall(message);
      if (!call) return notSendable(message);
      const way = { ...options, dispatcher: dispatcherFor(options, account) };
      return send(way, account, call, `reaction.${message.messageId}`);
    },
    fetchMedia: ({ account }, media) => fetchWppconnectMedia(dispatcherFor(options, account), account, media),
    lookUpGroup: ({ account }, groupId) => lookUpGroup(dispatcherFor(options, account), account, groupId),
    readHistory: (number, span) => readHistory(dispatcherFor(options, number.account), number, span),
    showTyping: ({ account }, message) => sendTyping(dispatcherFor(options, account), account, message),
    markRead: ({ account }, message) => sendSeen(dispatcherFor(options, account), account, message),
    check: async ({ account }) => findingOf(await linkState(options, account)),
    // A tenant's own server is asked by `check`.
    ...(options.host && { reach: answers(options.host.url) }),
    sendsOnce: true,
    isSigned: hasUrlSecret,
    // A session's name is unique on its server alone, so the path must name the channel.
    findNumbers: () => [],
    verifyWebhook: (webhook, accounts) =>
      matchUrlSecrets(
        webhook,
        accounts.map(({ webhookSecret }) => webhookSecret),
      ),
    readWebhook,
  };
}
