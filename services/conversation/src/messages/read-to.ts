import type { TenantPlan, Tx } from '@recado/database';
import {
  countryOf,
  invalidPhone,
  namesCountry,
  type PhoneReading,
  phoneKey,
  readPhone,
} from '@recado/service-kit/phone';
import { identitiesOf } from '../contacts/resolve.ts';
import { findContactsByIdentity } from '../contacts/store.ts';

/**
 * The phone a person wrote, in E.164: without a country code it is read in the tenant's country.
 * @throws ValidationFailed naming `to`
 */
export async function readTo(tx: Tx, tenant: TenantPlan, to: string): Promise<string> {
  const { tenantId } = tenant;
  const country = namesCountry(to) ? null : countryOf(tenant);
  const reading = readPhone(to, country);
  const phone = reading.other === null ? reading.phone : await chooseKnown(tx, tenantId, reading);
  if (phone === null) throw invalidPhone('to', country);
  return phone;
}

/**
 * Of two readings of bare digits the one that is a contact's already; the tenant's own country wins
 * a draw.
 */
async function chooseKnown(tx: Tx, tenantId: string, { phone, other }: PhoneReading): Promise<string | null> {
  const identities = [phone, other].flatMap((number) =>
    identitiesOf({ tenantId, waId: null, phone: number, userId: null, name: null }),
  );
  const found = await findContactsByIdentity(tx, identities);
  const isKnown = (number: string | null) => found.some(({ value }) => value === phoneKey(number));
  return isKnown(other) && !isKnown(phone) ? other : phone;
}
