import type { FileVariant } from '@recado/contracts';

const ENDS: Record<FileVariant, string> = { original: '', thumbnail: '.thumbnail', playback: '.playback' };

/**
 * Where the bytes of a file are. The last characters of an id are random, so folders stay small;
 * the tenant comes first, so that a tenant's files can be listed or copied alone.
 */
export const keyOf = (tenantId: string, fileId: string, variant: FileVariant = 'original'): string =>
  `${tenantId}/${fileId.slice(-2)}/${fileId}${ENDS[variant]}`;

export const keysOf = (tenantId: string, fileId: string): string[] =>
  (Object.keys(ENDS) as FileVariant[]).map((variant) => keyOf(tenantId, fileId, variant));
