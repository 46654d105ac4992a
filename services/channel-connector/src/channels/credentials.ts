import type { Sealer } from '@recado/service-kit';
import { z } from 'zod';

/** What a Meta channel keeps sealed. */
const metaCredentials = z.object({
  accessToken: z.string(),
  verifyToken: z.string(),
  appSecret: z.string().optional(),
  businessAccountId: z.string().optional(),
});
export type MetaCredentials = z.infer<typeof metaCredentials>;

/** Sealed with the channel's id bound in, so that one channel's secrets can't be put into another's row. */
export function sealCredentials(sealer: Sealer, channelId: string, credentials: MetaCredentials): string {
  return sealer.seal(JSON.stringify(credentials), channelId);
}

/** @throws SealError when the key ring lacks the key, or the row was tampered with */
export function openCredentials(sealer: Sealer, channelId: string, sealed: string): MetaCredentials {
  return metaCredentials.parse(JSON.parse(sealer.open(sealed, channelId)));
}
