import { findingOf } from '../linking.ts';
import { dispatcherFor, type OwnServerOptions, withSecret } from '../own-server.ts';
import type { Provider } from '../provider.ts';
import { hasUrlSecret, matchUrlSecrets } from '../url-secret.ts';
import { addressOf } from '../web-message.ts';
import { givenOf, hostAccount, openAccount, type WppconnectAccount, wppconnectCredentials } from './account.ts';
import { sendText } from './client.ts';
import { beginLink, linkState, stopSession, unlink } from './connection.ts';
import { WPPCONNECT_ERRORS } from './errors.ts';
import { sendSeen, sendTyping } from './receipts.ts';
import { readWebhook } from './webhooks.ts';

/** WPPConnect: a phone linked to a browser on a server of the tenant or of the installation. */
export function createWppconnectProvider(options: OwnServerOptions): Provider<WppconnectAccount> {
  const { allowPrivate, host } = options;
  return {
    name: 'wppconnect',
    // WhatsApp bans phones that send like a machine.
    capabilities: { replyWindowHours: null, kinds: ['text'], messagesPerSecond: 1 },
    errors: WPPCONNECT_ERRORS,
    credentials: wppconnectCredentials(allowPrivate),
    given: (_providerId, secrets) => givenOf(secrets),
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
    send({ account }, { recipient, body }) {
      const { waId, userId, phone } = { waId: null, userId: null, phone: '', ...addressOf(recipient) };
      const to = userId ? userId.replace('@lid', '') : (waId ?? phone);
      const way = { ...options, dispatcher: dispatcherFor(options, account) };
      return sendText(way, account, { phone: to, isLid: userId !== null }, body);
    },
    showTyping: ({ account }, message) => sendTyping(dispatcherFor(options, account), account, message),
    markRead: ({ account }, message) => sendSeen(dispatcherFor(options, account), account, message),
    check: async ({ account }) => findingOf(await linkState(options, account)),
    // Each number has its own server; `check` asks that one.
    reach: async () => {},
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
