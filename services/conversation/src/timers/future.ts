import { FIELD_CODES } from '@recado/contracts';
import { ValidationFailed } from '@recado/service-kit';

/** Days that anything is put off. */
const MOST_DAYS = 365;

/** A time that is still to come. @throws ValidationFailed naming the field */
export function futureTime(field: string, value: string, now: Date): Date {
  const at = new Date(value);
  const ahead = at.getTime() - now.getTime();
  if (ahead > 0 && ahead <= MOST_DAYS * 86_400_000) return at;
  throw new ValidationFailed([{ field, code: 'future', message: FIELD_CODES.future }]);
}
