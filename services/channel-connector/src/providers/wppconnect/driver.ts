import type { Dispatcher } from 'undici';
import type { Provider } from '../provider.ts';
import { hasUrlSecret, matchUrlSecrets } from '../url-secret.ts';
import { addressOf } from '../web-message.ts';
import { openAccount, type WppconnectAccount, wppconnectCredentials } from './account.ts';
import { checkSession, sendText } from './client.ts';
import { WPPCONNECT_ERRORS } from './errors.ts';
import { sendSeen, sendTyping } from './receipts.ts';
import { readWebhook } from './webhooks.ts';

export interface WppconnectOptions {
  /** The guarded one: each tenant names its own server. */
  dispatcher: Dispatcher;
  sendTimeoutMs: number;
  /** Development only: RECADO_ALLOW_PRIVATE_URLS. */
  allowPrivate: boolean;
}

/** WPPConnect: a phone that is linked to a browser on a server of the tenant's own. */
export function createWppconnectProvider(options: WppconnectOptions): Provider<WppconnectAccount> {
  const { dispatcher, allowPrivate } = options;
  return {
    name: 'wppconnect',
    // WhatsApp bans phones that send like a machine.
    capabilities: { replyWindowHours: null, kinds: ['text'], messagesPerSecond: 1 },
    errors: WPPCONNECT_ERRORS,
    credentials: wppconnectCredentials(allowPrivate),
    open: openAccount,
    handshake: null,
    send({ account }, { recipient, body }) {
      const { waId, userId, phone } = { waId: null, userId: null, phone: '', ...addressOf(recipient) };
      const to = userId ? userId.replace('@lid', '') : (waId ?? phone);
      return sendText(options, account, { phone: to, isLid: userId !== null }, body);
    },
    showTyping: ({ account }, message) => sendTyping(dispatcher, account, message),
    markRead: ({ account }, message) => sendSeen(dispatcher, account, message),
    check: ({ account }) => checkSession(dispatcher, account),
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
