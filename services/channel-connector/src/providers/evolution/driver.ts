import { OUTBOUND_KINDS } from '@recado/contracts';
import { answers } from '@recado/service-kit';
import { withoutLinks } from '../host-media.ts';
import { findingOf } from '../linking.ts';
import { dispatcherFor, type OwnServerOptions, withSecret } from '../own-server.ts';
import type { Provider } from '../provider.ts';
import { hasUrlSecret, matchUrlSecrets } from '../url-secret.ts';
import { notSendable, SENT_AS_TEXT, webFiles } from '../web-fallback.ts';
import { type EvolutionAccount, evolutionCredentials, givenOf, hostAccount, notesOf, openAccount } from './account.ts';
import { send } from './client.ts';
import { beginLink, linkState, removeInstance, unlink } from './connection.ts';
import { EVOLUTION_ERRORS } from './errors.ts';
import { lookUpGroup } from './groups.ts';
import { readHistory } from './history.ts';
import { fetchEvolutionMedia } from './media.ts';
import { sendPresence, sendRead } from './receipts.ts';
import { sendCall } from './send.ts';
import { readWebhook } from './webhooks.ts';

/** All but templates, which are Meta's alone. */
const KINDS = OUTBOUND_KINDS.filter((kind) => kind !== 'template');

/** It takes bodies of 136 MB: this as base64, and the rest of the message. */
const MAX_FILE = 100 * 1024 * 1024;

/** Evolution API v2: a phone linked to a server of the tenant's own or of the installation. */
export function createEvolutionProvider(options: OwnServerOptions): Provider<EvolutionAccount> {
  const { allowPrivate, host } = options;
  return {
    name: 'evolution',
    // WhatsApp bans phones that send like a machine.
    capabilities: {
      replyWindowHours: null,
      kinds: KINDS,
      asText: [...SENT_AS_TEXT],
      files: webFiles(MAX_FILE),
      messagesPerSecond: 1,
    },
    errors: EVOLUTION_ERRORS,
    credentials: evolutionCredentials(allowPrivate),
    given: (_providerId, secrets) => givenOf(secrets),
    notes: notesOf,
    open: (secrets) => openAccount(secrets, host),
    handshake: null,
    linking: {
      host: (name) => host && hostAccount(name, host),
      webhookPath: (channelId, { webhookSecret }) => withSecret(`/api/v1/whatsapp/webhook/${channelId}`, webhookSecret),
      begin: ({ account }, how) => beginLink(options, account, how),
      state: ({ account }) => linkState(options, account),
      // An instance that waits for its scan stops by a logout.
      stop: ({ account }) => unlink(options, account),
      unlink: ({ account }) => unlink(options, account),
      remove: ({ account }) => removeInstance(options, account),
    },
    async send({ account }, given) {
      const ready = account.server.host ? await withoutLinks(options.dispatcher, given, MAX_FILE) : { message: given };
      if ('outcome' in ready) return ready.outcome;
      const { message } = ready;
      const call = sendCall(message);
      if (!call) return notSendable(message);
      return send({ ...options, dispatcher: dispatcherFor(options, account) }, account, call);
    },
    fetchMedia: ({ account }, media) => fetchEvolutionMedia(dispatcherFor(options, account), account, media),
    lookUpGroup: ({ account }, groupId) => lookUpGroup(dispatcherFor(options, account), account, groupId),
    readHistory: (number, span) => readHistory(dispatcherFor(options, number.account), number, span),
    showTyping: ({ account }, message) => sendPresence(dispatcherFor(options, account), account, message),
    markRead: ({ account }, message) => sendRead(dispatcherFor(options, account), account, message),
    check: async ({ account }) => findingOf(await linkState(options, account)),
    // A tenant's own server is asked by `check`.
    ...(options.host && { reach: answers(options.host.url) }),
    sendsOnce: true,
    isSigned: hasUrlSecret,
    // An instance's name is unique on its server alone, so the path must name the channel.
    findNumbers: () => [],
    verifyWebhook: (webhook, accounts) =>
      matchUrlSecrets(
        webhook,
        accounts.map(({ webhookSecret }) => webhookSecret),
      ),
    readWebhook,
  };
}
