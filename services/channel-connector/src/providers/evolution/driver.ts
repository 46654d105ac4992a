import { findingOf } from '../linking.ts';
import { dispatcherFor, type OwnServerOptions, withSecret } from '../own-server.ts';
import type { Provider } from '../provider.ts';
import { hasUrlSecret, matchUrlSecrets } from '../url-secret.ts';
import { addressOf } from '../web-message.ts';
import { type EvolutionAccount, evolutionCredentials, givenOf, hostAccount, openAccount } from './account.ts';
import { sendText } from './client.ts';
import { beginLink, linkState, removeInstance, unlink } from './connection.ts';
import { EVOLUTION_ERRORS } from './errors.ts';
import { sendPresence, sendRead } from './receipts.ts';
import { readWebhook } from './webhooks.ts';

/** Evolution API v2: a phone linked to a server of the tenant's own or of the installation. */
export function createEvolutionProvider(options: OwnServerOptions): Provider<EvolutionAccount> {
  const { allowPrivate, host } = options;
  return {
    name: 'evolution',
    // WhatsApp bans phones that send like a machine.
    capabilities: { replyWindowHours: null, kinds: ['text'], messagesPerSecond: 1 },
    errors: EVOLUTION_ERRORS,
    credentials: evolutionCredentials(allowPrivate),
    given: (_providerId, secrets) => givenOf(secrets),
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
    send({ account }, { recipient, body }) {
      const { waId, userId, phone } = { waId: null, userId: null, phone: '', ...addressOf(recipient) };
      // An address goes as it is. Only a bare phone may be rewritten (Brazil's ninth digit).
      const way = { ...options, dispatcher: dispatcherFor(options, account) };
      return sendText(way, account, waId ? `${waId}@s.whatsapp.net` : (userId ?? phone), body);
    },
    showTyping: ({ account }, message) => sendPresence(dispatcherFor(options, account), account, message),
    markRead: ({ account }, message) => sendRead(dispatcherFor(options, account), account, message),
    check: async ({ account }) => findingOf(await linkState(options, account)),
    // Each number has its own server; `check` asks that one.
    reach: async () => {},
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
