import { type PhoneNumber, parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { ValidationFailed } from '../http/errors.ts';
import type { Country } from './phone-country.ts';
import { phoneKey, phoneVariants } from './phone-variants.ts';

export { type Country, countryOf, countryOfTimeZone, isCountry } from './phone-country.ts';
export { isSamePhone, phoneKey, phoneVariants } from './phone-variants.ts';

/** How a text can be read as a phone, in E.164. */
export interface PhoneReading {
  /** Null when it is neither a number of the country nor a whole international one. */
  phone: string | null;
  /**
   * A second reading of bare digits as an international number: `51987654321` in Brazil may be
   * Peru's +51 987 654 321. It counts only when that number is known already.
   */
  other: string | null;
}

/** Invisible marks that come along with a pasted number: U+202A, U+202C, U+200E, U+FEFF … */
const MARKS = /\p{Cf}/gu;
const SEPARATORS = /[\s\p{Pd}().·/\u2212]/gu;

/**
 * Reads a phone: with `+` or `00` and its country, or as dialled in the tenant's country. Bare
 * digits that are no number there may be a whole international number.
 */
export function readPhone(text: string, country: Country | null): PhoneReading {
  const given = text.normalize('NFKC').replace(MARKS, '').trim();
  const dialled = given.replace(SEPARATORS, '').replace(/^00/, '+');
  if (!/^\+?\d{3,20}$/.test(dialled)) return { phone: null, other: null };
  if (dialled.startsWith('+')) return { phone: possible(dialled), other: null };
  const local = country && localNumber(dialled, country);
  const international = valid(`+${dialled}`);
  if (local !== null) {
    const isAnother = given === dialled && international !== null && phoneKey(international) !== phoneKey(local);
    return { phone: local, other: isAnother ? international : null };
  }
  return { phone: international, other: given === dialled && international === null ? possible(`+${dialled}`) : null };
}

/** Whether a text names a country by `+` or `00`, so that the tenant's own does not matter. */
export const namesCountry = (text: string): boolean =>
  /^[\s(]*(?:\+|00)/.test(text.normalize('NFKC').replace(MARKS, ''));

/**
 * A number as it is dialled within a country, trunk prefixes and all; null when it is none there.
 */
function localNumber(digits: string, country: Country): string | null {
  const parsed = parsePhoneNumberFromString(digits, country);
  return parsed ? valid(parsed.number) : null;
}

/**
 * Of a number with its country: possible, not valid. New ranges and WhatsApp's test numbers (+1
 * 555…) are missing from the tables.
 */
const possible = (phone: string) => check(phone, (parsed) => parsed.isPossible());
const valid = (phone: string) => check(phone, (parsed) => parsed.isValid());

/**
 * A number of which any spelling passes; as it was written, but without a trunk prefix inside (`+55
 * 011 …`).
 */
function check(phone: string, passes: (parsed: PhoneNumber) => boolean): string | null {
  if (!/^\+[1-9]\d{4,14}$/.test(phone)) return null;
  for (const spelling of phoneVariants(phone)) {
    const parsed = parsePhoneNumberFromString(`+${spelling}`);
    if (parsed && passes(parsed)) return phoneKey(parsed.number) === phoneKey(phone) ? phone : parsed.number;
  }
  return null;
}

/**
 * A number as E.164, of a channel or of a person who works here.
 * @throws ValidationFailed naming `phone`
 */
export function normalisePhone(text: string, country: Country | null): string {
  const { phone } = readPhone(text, country);
  if (phone === null) throw invalidPhone('phone', country);
  // Mexico dropped the 1 after its country code in 2019; WhatsApp's own ids still show it.
  return phone.replace(/^\+521(?=\d{10}$)/, '+52');
}

/** What is said of a text that can't be read as a phone. */
export function invalidPhone(field: string, country: Country | null): ValidationFailed {
  const message = country
    ? `Not a phone number of ${country}; write + and the country code of any other`
    : 'Not a phone number with + and its country code';
  return new ValidationFailed([{ field, message, code: country ? 'phone_country' : 'phone' }]);
}
