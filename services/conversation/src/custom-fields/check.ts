import type { Tx } from '@recado/database';
import { ValidationFailed } from '@recado/service-kit';
import { customFieldErrors } from './rules.ts';
import { selectFields } from './store.ts';

/** @throws ValidationFailed naming each custom field whose value is not of its defined type */
export async function checkCustomFields(
  tx: Tx,
  tenantId: string,
  given: Readonly<Record<string, unknown>> | undefined,
): Promise<void> {
  if (given === undefined || Object.keys(given).length === 0) return;
  const errors = customFieldErrors(await selectFields(tx, tenantId), given);
  if (errors.length > 0) throw new ValidationFailed(errors);
}
