import { randomBytes } from 'node:crypto';
import type { Sealer } from '@recado/service-kit';

const MARK = 'whsec_';
const SECRET_BYTES = 32;

/** A new secret as Standard Webhooks writes it. */
export const newSecret = (): string => MARK + randomBytes(SECRET_BYTES).toString('base64');

/** Sealed for one endpoint: elsewhere it does not open. */
export const sealSecret = (sealer: Sealer, endpointId: string, secret: string): string =>
  sealer.seal(secret, endpointId);

export const openSecret = (sealer: Sealer, endpointId: string, sealed: string): string =>
  sealer.open(sealed, endpointId);
