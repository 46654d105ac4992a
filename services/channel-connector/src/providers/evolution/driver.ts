import type { Dispatcher } from 'undici';
import type { Provider } from '../provider.ts';
import { hasUrlSecret, matchUrlSecrets } from '../url-secret.ts';
import { addressOf } from '../web-message.ts';
import { type EvolutionAccount, evolutionCredentials, openAccount } from './account.ts';
import { checkInstance, sendText } from './client.ts';
import { EVOLUTION_ERRORS } from './errors.ts';
import { sendPresence, sendRead } from './receipts.ts';
import { readWebhook } from './webhooks.ts';

export interface EvolutionOptions {
  /** The guarded one: each tenant names its own server. */
  dispatcher: Dispatcher;
  sendTimeoutMs: number;
  /** Development only: RECADO_ALLOW_PRIVATE_URLS. */
  allowPrivate: boolean;
}

/** Evolution API v2: a phone that is linked to a server of the tenant's own. */
export function createEvolutionProvider(options: EvolutionOptions): Provider<EvolutionAccount> {
  const { dispatcher, allowPrivate } = options;
  return {
    name: 'evolution',
    // WhatsApp bans phones that send like a machine.
    capabilities: { replyWindowHours: null, kinds: ['text'], messagesPerSecond: 1 },
    errors: EVOLUTION_ERRORS,
    credentials: evolutionCredentials(allowPrivate),
    open: openAccount,
    handshake: null,
    send({ account }, { recipient, body }) {
      const { waId, userId, phone } = { waId: null, userId: null, phone: '', ...addressOf(recipient) };
      // An address goes as it is. Only a bare phone may be rewritten (Brazil's ninth digit).
      return sendText(options, account, waId ? `${waId}@s.whatsapp.net` : (userId ?? phone), body);
    },
    showTyping: ({ account }, message) => sendPresence(dispatcher, account, message),
    markRead: ({ account }, message) => sendRead(dispatcher, account, message),
    check: ({ account }) => checkInstance(dispatcher, account),
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
