import type { Dispatcher } from 'undici';
import type { Config } from '../config.ts';
import { createMetaProvider } from './meta/driver.ts';
import type { Provider } from './provider.ts';

/** Drivers by their provider's name. */
export type Providers = ReadonlyMap<string, Provider>;

type ProviderConfig = Pick<
  Config,
  'RECADO_META_GRAPH_URL' | 'RECADO_META_APP_SECRET' | 'RECADO_META_VERIFY_TOKEN' | 'RECADO_SEND_TIMEOUT_MS'
>;

/** Makes every driver. `more` are those of tests. */
export function createProviders(
  config: ProviderConfig,
  dispatcher: Dispatcher,
  more: readonly Provider[] = [],
): Providers {
  const meta = createMetaProvider({
    graphUrl: config.RECADO_META_GRAPH_URL,
    appSecret: config.RECADO_META_APP_SECRET,
    verifyToken: config.RECADO_META_VERIFY_TOKEN,
    dispatcher,
    sendTimeoutMs: config.RECADO_SEND_TIMEOUT_MS,
  });
  return new Map<string, Provider>([meta, ...more].map((provider) => [provider.name, provider]));
}
