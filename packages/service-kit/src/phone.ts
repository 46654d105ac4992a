import { parsePhoneNumberFromString } from 'libphonenumber-js/min';
import { ValidationFailed } from './errors.ts';

/**
 * A number as E.164, of a channel or of a person who works here. It must name its country: `+55 11 98765-4321`, `5511987654321`.
 * (Customers' numbers have spellings of their own: conversation's contacts.)
 * @throws ValidationFailed naming `phone`
 */
export function normalisePhone(phone: string): string {
  const trimmed = phone.trim();
  const international = trimmed.startsWith('+') ? trimmed : `+${trimmed.replace(/^00/, '')}`;
  // Mexico dropped the 1 after its country code in 2019; WhatsApp's own ids still show it.
  const parsed = parsePhoneNumberFromString(international.replace(/^\+52\s?1[\s-]?(?=(?:\D*\d){10}\D*$)/, '+52'));
  // Possible, not valid: new number ranges and Meta's test numbers (+1 555…) are missing from the tables.
  if (!parsed?.isPossible())
    throw new ValidationFailed([{ field: 'phone', message: 'Invalid phone number', code: 'phone' }]);
  return parsed.number;
}
