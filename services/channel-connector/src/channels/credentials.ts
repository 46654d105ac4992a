import type { Sealer } from '@recado/service-kit';
import type { Provider } from '../providers/provider.ts';

/**
 * Sealed with the channel's id bound in, so that one channel's secrets can't be put into another's
 * row.
 */
export function sealCredentials(sealer: Sealer, channelId: string, secrets: object): string {
  return sealer.seal(JSON.stringify(secrets), channelId);
}

/** @throws SealError when the key ring lacks the key, or the row was tampered with */
export function openCredentials(sealer: Sealer, provider: Provider, channelId: string, sealed: string): unknown {
  return provider.open(JSON.parse(sealer.open(sealed, channelId)));
}
