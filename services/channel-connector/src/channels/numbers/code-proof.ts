import { FIELD_CODES, type FieldCode } from '@recado/contracts';
import { readTenant } from '@recado/database';
import {
  type AppError,
  Conflict,
  NotFound,
  TooManyRequests,
  Unavailable,
  Unprocessable,
  ValidationFailed,
} from '@recado/service-kit';
import type { Deps } from '../../deps.ts';
import type { CodeFailure, CodeProof } from '../../providers/code-proof.ts';
import type { ProviderNumber } from '../../providers/provider.ts';
import { openCredentials } from '../credentials.ts';
import { selectSealed } from './sealed-store.ts';

/** A number whose provider proves it by a code, ready to be asked about. */
export interface CodeNumber {
  codes: CodeProof;
  number: ProviderNumber;
  provider: string;
  /** As they are sealed in the row. */
  credentials: string;
}

/** @throws NotFound; ValidationFailed for a provider that sends no codes */
export async function openCodeNumber(
  { db, providers, sealer }: Pick<Deps, 'db' | 'providers' | 'sealer'>,
  tenantId: string,
  channelId: string,
): Promise<CodeNumber> {
  const [[row]] = await readTenant(db, tenantId, (tx) => [selectSealed(tx, tenantId, channelId)]);
  const provider = row && providers.get(row.provider);
  if (!row || !provider) throw new NotFound('channel', channelId);
  const { codes } = provider;
  if (!codes || row.providerId === null) throw fieldError('channelId', 'no_codes');
  const account = openCredentials(sealer, provider, channelId, row.credentials);
  const number = { providerId: row.providerId, account };
  return { codes, number, provider: provider.name, credentials: row.credentials };
}

/**
 * How a failed step is answered.
 * @param field the one that is at fault when the provider names none
 */
export function toCodeError({ provider }: CodeNumber, failure: CodeFailure, field: string): AppError {
  switch (failure.kind) {
    case 'verified':
      return new Conflict('The number is verified already', 'number_verified');
    case 'wrong-code':
      return fieldError('code', 'wrong_code');
    case 'wrong-pin':
      return fieldError('pin', 'wrong_pin');
    case 'too-many':
      return new TooManyRequests(failure.waitSeconds, 'The provider asks to wait before the next try');
    case 'refused':
      if (failure.credentials) return new Unprocessable('channel_not_connected', failure.reason);
      return fieldError(field, 'provider_refused', failure.reason);
    case 'unreachable':
      return new Unavailable(provider, { reason: failure.reason });
  }
}

const fieldError = (field: string, code: FieldCode, message: string = FIELD_CODES[code]) =>
  new ValidationFailed([{ field, code, message }]);
