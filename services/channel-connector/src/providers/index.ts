import type { Dispatcher } from 'undici';
import type { Config } from '../config.ts';
import { createEvolutionProvider } from './evolution/driver.ts';
import { createMetaProvider } from './meta/driver.ts';
import type { Provider } from './provider.ts';
import { createWppconnectProvider } from './wppconnect/driver.ts';

/** Drivers by their provider's name. */
export type Providers = ReadonlyMap<string, Provider>;

type ProviderConfig = Pick<
  Config,
  | 'RECADO_META_GRAPH_URL'
  | 'RECADO_META_APP_ID'
  | 'RECADO_META_APP_SECRET'
  | 'RECADO_META_VERIFY_TOKEN'
  | 'RECADO_SEND_TIMEOUT_MS'
  | 'RECADO_ALLOW_PRIVATE_URLS'
  | 'RECADO_EVOLUTION_URL'
  | 'RECADO_EVOLUTION_KEY'
  | 'RECADO_WPPCONNECT_URL'
  | 'RECADO_WPPCONNECT_SECRET'
>;

export interface Dispatchers {
  /** Refuses private addresses, unless the settings allow them. */
  guarded: Dispatcher;
  /** For servers that the operator names. */
  open: Dispatcher;
}

/** Makes every driver. `more` are those of tests. */
export function createProviders(
  config: ProviderConfig,
  { guarded: dispatcher, open }: Dispatchers,
  more: readonly Provider[] = [],
): Providers {
  const hostAt = (url: string | undefined, key: string | undefined) =>
    url && key ? { url, key, dispatcher: open } : null;
  const meta = createMetaProvider({
    graphUrl: config.RECADO_META_GRAPH_URL,
    appId: config.RECADO_META_APP_ID,
    appSecret: config.RECADO_META_APP_SECRET,
    verifyToken: config.RECADO_META_VERIFY_TOKEN,
    dispatcher,
    sendTimeoutMs: config.RECADO_SEND_TIMEOUT_MS,
  });
  const ownServer = {
    dispatcher,
    sendTimeoutMs: config.RECADO_SEND_TIMEOUT_MS,
    allowPrivate: config.RECADO_ALLOW_PRIVATE_URLS,
  };
  const linked = [
    createEvolutionProvider({
      ...ownServer,
      host: hostAt(config.RECADO_EVOLUTION_URL, config.RECADO_EVOLUTION_KEY),
    }),
    createWppconnectProvider({
      ...ownServer,
      host: hostAt(config.RECADO_WPPCONNECT_URL, config.RECADO_WPPCONNECT_SECRET),
    }),
  ];
  return new Map<string, Provider>([meta, ...linked, ...more].map((provider) => [provider.name, provider]));
}
