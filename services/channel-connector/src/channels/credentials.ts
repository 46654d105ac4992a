import { fieldErrors, type Sealer, ValidationFailed } from '@recado/service-kit';
import type { Credentials, Provider } from '../providers/provider.ts';

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

/** @throws ValidationFailed naming each field below `credentials` */
export function readCredentials({ credentials }: Provider, given: unknown): Credentials {
  const read = credentials.safeParse(given);
  if (read.success) return read.data;
  const errors = fieldErrors(read.error, given, '');
  throw new ValidationFailed(
    errors.map((error) => ({ ...error, field: error.field ? `credentials.${error.field}` : 'credentials' })),
  );
}

/** What the tenant gave, with some fields given anew. @throws as the two above */
export function renewCredentials(
  sealer: Sealer,
  provider: Provider,
  { id, providerId, credentials }: { id: string; providerId: string | null; credentials: string },
  given: object,
): Credentials {
  const kept = JSON.parse(sealer.open(credentials, id)) as object;
  const before = provider.given?.(providerId ?? '', kept) ?? kept;
  const read = readCredentials(provider, { ...before, ...given });
  return { ...read, secrets: { ...read.secrets, ...provider.notes?.(kept) } };
}
