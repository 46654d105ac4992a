import type { TenantPlan, Tx } from '@recado/database';
import { ValidationFailed } from '@recado/service-kit';
import {
  countryOf,
  invalidPhone,
  namesCountry,
  type PhoneReading,
  phoneKey,
  readPhone,
} from '@recado/service-kit/phone';
import { identitiesOf } from '../../contacts/resolve.ts';
import { findContactsByIdentity } from '../../contacts/store.ts';

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
 * The phones of a list in E.164, each once with its first place, as readTo reads them.
 * @throws ValidationFailed naming each that is none, by its place in `to`
 */
export async function readRecipients(
  tx: Tx,
  tenant: TenantPlan,
  to: readonly string[],
): Promise<{ phone: string; place: number }[]> {
  const { tenantId } = tenant;
  const own = countryOf(tenant);
  const readings = to.map((given) => readPhone(given, namesCountry(given) ? null : own));
  const unsure = readings.filter(({ other }) => other !== null);
  const isKnown = await knownAmong(tx, tenantId, unsure);
  const phones = readings.map((reading) => (reading.other === null ? reading.phone : choose(reading, isKnown)));
  const faults = to.flatMap((given, i) =>
    phones[i] === null ? (invalidPhone(`to.${i}`, namesCountry(given) ? null : own).details ?? []) : [],
  );
  if (faults.length > 0) throw new ValidationFailed(faults);
  const places = new Map<string, number>();
  for (const [place, phone] of (phones as string[]).entries()) if (!places.has(phone)) places.set(phone, place);
  return [...places].map(([phone, place]) => ({ phone, place }));
}

/**
 * Of two readings of bare digits the one that is a contact's already; the tenant's own country wins
 * a draw.
 */
async function chooseKnown(tx: Tx, tenantId: string, reading: PhoneReading): Promise<string | null> {
  return choose(reading, await knownAmong(tx, tenantId, [reading]));
}

const choose = ({ phone, other }: PhoneReading, isKnown: (number: string | null) => boolean) =>
  isKnown(other) && !isKnown(phone) ? other : phone;

/** Whether a phone is a contact's, of those in these readings. */
async function knownAmong(tx: Tx, tenantId: string, readings: readonly PhoneReading[]) {
  const identities = readings
    .flatMap(({ phone, other }) => [phone, other])
    .flatMap((number) => identitiesOf({ tenantId, waId: null, phone: number, userId: null, name: null }));
  const found = identities.length > 0 ? await findContactsByIdentity(tx, identities) : [];
  return (number: string | null) => found.some(({ value }) => value === phoneKey(number));
}
