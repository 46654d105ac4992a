import { createHash } from 'node:crypto';
import type { Identity } from '../contacts/store.ts';

/**
 * Recognises an address without keeping it. Who has the database can still try numbers against it:
 * so it is kept no longer than it serves (schema/erasures.ts).
 */
export const digestOf = ({ tenantId, kind, value }: Identity): string =>
  createHash('sha256').update(`${tenantId}\n${kind}\n${value}`).digest('base64url');
